"""Lints on the command line: told before anything is spent, and denied with `--deny`."""

import json
import re

import pytest

TWICE = "  - {id: again, uses: toys.drop, needs: big, with: {amount: 0.5}}\noutputs:"
SILENCE = "silence:\n  - {lint: duplicate-stage, stage: again, reason: to compare}\n"


@pytest.fixture
def linted(recipec):
    recipec.change("outputs:", TWICE)
    return recipec


def test_a_run_tells_lints_before_it_spends_anything(linted):
    linted.change("uses: toys.scale", "uses: toys.crash")
    linted.change("with: {factor: 2, data: train}", "with: {how: error}")
    code, _, err = linted("compile", "recipe.yaml")
    assert code == 4
    assert err.index("warning[duplicate-stage]") < err.index("it can't be done")


def test_lints_are_in_the_plan_the_record_and_the_report(linted):
    _, out, _ = linted("compile", "recipe.yaml", "--dry-run", "--format", "json")
    (said,) = json.loads(out)["diagnostics"]
    assert (said["severity"], said["code"], said["line"]) == ("warning", "duplicate-stage", 13)
    linted("compile", "recipe.yaml", "-o", "out")
    assert json.loads((linted.folder / "out" / "run.json").read_text())["diagnostics"] == [said]
    for report in ("report.html", "report.md"):
        assert "duplicate-stage" in (linted.folder / "out" / report).read_text()


def test_what_is_silenced_is_in_them_with_its_reason(linted):
    linted.change("outputs:", SILENCE + "outputs:")
    code, _, err = linted("compile", "recipe.yaml", "-o", "out")
    assert code == 0
    assert "duplicate-stage" not in err
    record = json.loads((linted.folder / "out" / "run.json").read_text())
    assert [(s["code"], s["reason"]) for s in record["silenced"]] == [
        ("duplicate-stage", "to compare")
    ]
    for report in ("report.html", "report.md"):
        text = (linted.folder / "out" / report).read_text()
        assert re.search(r"Silenced: (<[^>]*>)?to compare", text)


@pytest.mark.parametrize("denied", ["duplicate-stage", "all"])
def test_a_denied_lint_ends_a_run_before_it_begins(linted, denied):
    code, out, err = linted("compile", "recipe.yaml", "--deny", denied)
    assert (code, out) == (1, "")
    assert "error[duplicate-stage]" in err
    assert [path.name for path in linted.folder.iterdir()] == ["recipe.yaml"]


def test_a_denied_lint_leaves_the_plan_to_be_read(linted):
    code, out, err = linted("compile", "recipe.yaml", "--dry-run", "--deny", "all")
    assert code == 1
    assert "warning[duplicate-stage]" in out
    assert "error[duplicate-stage]" in err


def test_what_isnt_there_or_is_silenced_is_not_denied(linted):
    assert linted("compile", "recipe.yaml", "--deny", "masks-stay-dense")[0] == 0
    linted.change("outputs:", SILENCE + "outputs:")
    assert linted("compile", "recipe.yaml", "--deny", "all")[0] == 0


def test_denying_what_is_no_code_is_a_mistake(linted):
    code, _, err = linted("compile", "recipe.yaml", "--deny", "duplicate-stages")
    assert code == 2
    assert "did you mean 'duplicate-stage'?" in err
