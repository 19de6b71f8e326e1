"""What docs/plans.md shows is what a user sees, and its commands work, in their order."""

import os
import re
import shlex
import subprocess
import sys

import pytest

from recipec.diagnostics import ExitCode
from toys.bench import TOY_RECIPE

SEEN = """
import sys
from recipec.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(sorted({"torch", "numpy", "onnx", "onnxruntime", "sklearn", "jinja2"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def text(request):
    return (request.config.rootpath / "docs" / "plans.md").read_text()


def block(text, mark):
    """Give the lines of the fenced block behind a mark."""
    (found,) = re.findall(rf"<!-- {mark} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    return found.splitlines()


def test_the_commands_of_a_pull_request_and_of_the_nights_after_it(recipec, text):
    (recipec.folder / "base").mkdir()
    (recipec.folder / "base" / "recipe.yaml").write_text(TOY_RECIPE)
    recipec.change("amount: 0.5", "amount: 0.625")
    recipec("lock", "recipe.yaml")

    def codes(mark):
        commands = [shlex.split(line) for line in block(text, f"commands: {mark}")]
        assert all(command[0] == "recipec" for command in commands)
        return [recipec(*command[1:])[0] for command in commands]

    assert codes("review") == [0, 0, 0, 0]
    assert codes("nightly") == [10]
    assert codes("run") == [0]
    assert codes("nightly") == [0]
    recipec.change("amount: 0.625", "amount: 0.75")  # merged after the review
    assert codes("run") == [1]


def test_all_exit_codes_are_documented(text):
    table = text.partition("## Exit codes")[2].partition("##")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    assert documented == set(map(int, ExitCode))


def test_all_codes_of_a_refusal_are_documented(text, request):
    folder = request.config.rootpath / "recipec" / "plan" / "saved"
    used = {
        code
        for file in folder.glob("*.py")
        for code in re.findall(r'"(changed-[a-z]+)"', file.read_text())
    }
    assert set(re.findall(r"^\| (changed-[a-z]+) \|", text, re.MULTILINE)) == used


@pytest.mark.frameworks
def test_the_examples_are_what_a_user_sees(tmp_path, text, request):
    recipe = tmp_path / "recipe.yaml"
    before = (request.config.rootpath / "recipes" / "seven-steps.yaml").read_text()
    after = before.replace("{default: 0.5,", "{default: 0.3,").replace("drop: 1pp", "drop: 2pp")
    environment = {**os.environ, "RECIPEC_STORE": str(tmp_path / "store"), "COLUMNS": "100"}

    def run(*arguments, program=("-m", "recipec.cli.main")):
        return subprocess.run(
            [sys.executable, *program, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )

    recipe.write_text(before)
    assert run("compile", "recipe.yaml", "--plan-out", "plan.json").returncode == 0
    recipe.write_text(after)
    refused, compared = run("apply", "plan.json"), run("diff", "plan.json", "recipe.yaml")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == block(text, "example: refused")
    shown = block(text, "example: diff")
    assert compared.stdout.splitlines()[: len(shown)] == shown
    recipe.write_text(before)
    for command in (
        ["apply", "plan.json", "--dry-run", "-q"],
        ["diff", "plan.json", "recipe.yaml", "-q"],
        ["lock", "recipe.yaml", "-q"],
    ):
        seen = run(*command, program=["-c", SEEN])
        assert (seen.returncode, seen.stdout) == (0, "[]\n")  # the model is known by now
