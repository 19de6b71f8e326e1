"""`check_plugin`: what is wrong with an installed plugin is told without its author's examples."""

import os
import subprocess
import sys
import textwrap

import pytest

from recipec.testing import check_plugin
from recipec.testing.declared import OPERATOR_CHECKS

GOOD = {
    "recipec_shrunk/__init__.py": """
        from recipec.api import hookimpl

        @hookimpl
        def recipec_operators():
            from recipec_shrunk.shrink import Shrink
            return [Shrink]
    """,
    "recipec_shrunk/shrink.py": """
        from recipec.api import OnnxModel, Operator, Port, StagePlan, StageResult

        class Shrink(Operator):
            id, version, summary = "shrunk.half", 1, "Take half"
            inputs = {"model": Port(OnnxModel, "a file")}
            outputs = {"model": Port(OnnxModel, "half of it")}
            def plan(self, inputs, context):
                return StagePlan({"model": OnnxModel()})
            def run(self, inputs, context):
                context.path_for("model").write_bytes(inputs["model"].path.read_bytes()[::2])
                return StageResult({"model": OnnxModel()})
    """,
}
SUITE = """
    from recipec.api import OnnxModel
    from recipec.testing import RunContract, artifact
    from recipec_shrunk.shrink import Shrink

    class TestShrink(RunContract):
        operator = Shrink
        reads_models = False
        def good_params(self): return {}
        def example_facts(self): return {"model": OnnxModel()}
        def example_artifacts(self, folder):
            (folder / "in.onnx").write_bytes(b"abcd")
            return {"model": artifact(OnnxModel(), folder / "in.onnx")}
"""


@pytest.fixture
def check(tmp_path):
    """Install a plugin `shrunk` in a folder, and check it in a process that sees it."""

    def checked(files=(), entry_points="", suite=False):
        info = tmp_path / "recipec_shrunk-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: recipec-shrunk\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(
            f"[recipec]\nshrunk = recipec_shrunk\n{entry_points}"
        )
        for name, text in {**GOOD, **dict(files)}.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(textwrap.dedent(text))
        program = (
            "import json; from recipec.testing import check_plugin; "
            f"print(json.dumps(check_plugin('recipec-shrunk', suite={suite})))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        import json

        from recipec.testing import Checked

        return [Checked(*one) for one in json.loads(done.stdout.splitlines()[-1])]

    return checked


def failed(found):
    return {one.check: one.message for one in found if one.status == "failed"}


def test_a_plugin_that_isnt_installed_is_an_error():
    with pytest.raises(LookupError, match="'no-such'"):
        check_plugin("no-such")


def test_built_ins_pass_whatever_they_offer():
    found = [*check_plugin("tensorrt", suite=False), *check_plugin("measure", suite=False)]
    assert failed(found) == {}
    assert {"loads", "framework-free", "probe", "explanation", "lint", "metric-families"} <= {
        one.check for one in found
    }


def test_a_good_plugin_passes_every_check(check):
    found = check()
    assert {one.status for one in found} == {"passed"}
    assert {one.check for one in found} == {"loads", "framework-free", *OPERATOR_CHECKS}


def test_a_framework_at_the_top_of_a_module_is_told(check):
    light = GOOD["recipec_shrunk/shrink.py"]
    found = failed(check({"recipec_shrunk/shrink.py": "\n        import jinja2" + light}))
    assert "Import them in modules named `_….py` alone" in found["framework-free"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("print('hello')", "importing it prints 'hello"),
        ("open('shrunk.log', 'a').close()", "cwd/shrunk.log"),
    ],
)
def test_what_importing_it_does_is_told(line, said, check):
    module = f"\n        {line}" + GOOD["recipec_shrunk/shrink.py"]
    assert said in " ".join(failed(check({"recipec_shrunk/shrink.py": module})).values())


def test_a_plugin_that_cannot_be_loaded_is_told_and_nothing_else(check):
    found = check({"recipec_shrunk/__init__.py": "import no_such_module"})
    assert [one.check for one in found] == ["loads"]
    assert "no_such_module" in found[0].message


def test_kinds_capabilities_lints_and_sections_are_checked(check):
    found = failed(
        check(
            {
                "recipec_shrunk/__init__.py": """
                    from recipec.api import Capability, Lint, Model, ReportSection, hookimpl

                    class Small(Model):
                        kind = "shrunk.small"
                        suffix = "small"
                        session = "recipec_shrunk.nowhere:Session"

                    @hookimpl
                    def recipec_artifact_kinds():
                        return [Small]

                    @hookimpl
                    def recipec_capabilities():
                        return [Capability("shrinker", lambda: "the newest", "a shrinker")]

                    @hookimpl
                    def recipec_lints():
                        page = "recipec_shrunk:gone.md"
                        return [Lint("shrunk.odd", "odd", page, lambda plan: [1 / 0])]

                    @hookimpl
                    def recipec_report_sections(record):
                        return [ReportSection("Broken", "{{ 1 / 0 }}")]
                """
            }
        )
    )
    assert "the suffix 'small' is not like '.onnx'" in found["kind"]
    assert "recipec_shrunk.nowhere:Session' can't be imported" in found["session"]
    assert "the probe returned 'the newest'" in found["probe"]
    assert "gone.md' isn't there" in found["explanation"]
    assert "it raised ZeroDivisionError" in found["lint"]
    assert "the section 'Broken' can't be shown: ZeroDivisionError" in found["report-sections"]


def test_a_suite_that_the_package_ships_is_run(check):
    found = check({"recipec_shrunk/contract.py": SUITE}, suite=True)
    ran = {one.check: one.status for one in found if one.subject == "TestShrink"}
    assert ran["it-runs-in-another-process"] == "passed"
    assert ran["its-version-is-raised-when-it-plans-something-else"] == "skipped"
    assert set(ran.values()) == {"passed", "skipped"}


def test_what_a_suite_finds_is_told_in_its_own_words(check):
    module = GOOD["recipec_shrunk/shrink.py"].replace(
        "context.path_for", "print('shrinking'); context.path_for"
    )
    files = {"recipec_shrunk/shrink.py": module, "recipec_shrunk/checks.py": SUITE}
    found = failed(check(files, "[recipec.contract]\nany = recipec_shrunk.checks\n", suite=True))
    assert found["a-run-prints-nothing"].startswith("the run prints 'shrinking")
    assert set(found) == {"a-run-prints-nothing"}


def test_a_suite_that_isnt_in_the_wheel_is_told(check):
    found = failed(check((), "[recipec.contract]\nany = recipec_shrunk.gone\n", suite=True))
    assert found["contract-suite"] == "there is no module recipec_shrunk.gone"


def test_without_a_suite_that_is_said(check):
    (said,) = [one for one in check(suite=True) if one.status == "skipped"]
    assert "recipec_shrunk.contract" in said.hint
