"""Key stability: what an operator makes of an example doesn't change under the same version."""

import json

import pytest

from recipec.api import UNKNOWN, OnnxModel, Operator, Params, Port, StagePlan, StageResult
from recipec.testing import RunContract, artifact
from recipec.testing.versions import SHIPPED


class Shrink(Operator):
    id, version, summary = "acme.shrink", 1, "Write half of a file"
    inputs = {"model": Port(OnnxModel, "a file")}
    outputs = {"model": Port(OnnxModel, "half of it")}
    opset = 18

    def plan(self, inputs, context):
        return StagePlan({"model": OnnxModel(opset=self.opset)})

    def run(self, inputs, context):
        content = inputs["model"].path.read_bytes()
        context.path_for("model").write_bytes(self.half(content))
        return StageResult({"model": OnnxModel(opset=self.opset)})

    def half(self, content):
        return content[::2]


@pytest.fixture
def check(tmp_path, request, monkeypatch):
    """Run a contract's two checks of the version: with the operator and facts given."""
    for name in ("CI", "RECIPEC_UPDATE_GOLDEN", SHIPPED):
        monkeypatch.delenv(name, raising=False)

    def checked(operator, facts=None, update=False, **members):
        class TestShrink(RunContract):
            same_everywhere = True
            versions = tmp_path / "versions"

            def good_params(self):
                return members.get("params", {})

            def example_facts(self):
                return {"model": facts or OnnxModel(opset=17)}

            def example_artifacts(self, folder):
                (folder / "in.onnx").write_bytes(b"abcdef")
                return {"model": artifact(OnnxModel(opset=17), folder / "in.onnx")}

        TestShrink.operator = operator
        contract = TestShrink()
        with monkeypatch.context() as patch:
            if update:
                patch.setenv("RECIPEC_UPDATE_GOLDEN", "1")
            (tmp_path / "run").mkdir(exist_ok=True)
            run = contract._run(contract.make(), tmp_path / "run", seed=0)
            contract.test_its_version_is_raised_when_it_plans_something_else(tmp_path, request)
            contract.test_its_version_is_raised_when_it_makes_other_bytes(
                (run, run), tmp_path, request
            )
        return json.loads(TestShrink.golden(request.path).read_text())

    return checked


@pytest.fixture
def written(check):
    """The golden file of the first version."""
    with pytest.warns(UserWarning, match="commit it"):
        return check(Shrink)


def another(**members):
    return type("Shrink", (Shrink,), members)


def test_the_file_says_what_a_version_makes(written, check):
    assert written["version"] == 1
    assert set(written["made"]) == {"model"}
    assert check(Shrink) == written


def test_without_a_file_it_fails_on_a_ci_machine(check, monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="RECIPEC_UPDATE_GOLDEN=1 and commit"):
        check(Shrink)


def test_in_an_installed_package_nothing_is_written(check, monkeypatch, tmp_path):
    monkeypatch.setenv(SHIPPED, "1")
    with pytest.raises(pytest.skip.Exception, match="doesn't ship"):
        check(Shrink)
    assert not (tmp_path / "versions").exists()


@pytest.mark.parametrize("update", [False, True])
@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"opset": 19}, "plans other facts"),
        ({"half": lambda self, content: content[1::2]}, r"makes other bytes \(\['model'\]\)"),
    ],
)
def test_something_else_under_the_same_version_fails_and_is_not_written(
    change, what, update, written, check
):
    with pytest.raises(pytest.fail.Exception, match=what) as raised:
        check(another(**change), update=update)
    assert "Write `version = 2`" in str(raised.value)
    assert check(Shrink) == written


def test_a_raised_version_wants_a_new_file(written, check):
    raised = another(opset=19, version=2)
    with pytest.raises(pytest.fail.Exception, match="its version was raised"):
        check(raised)
    assert check(raised, update=True)["version"] == 2
    assert check(raised)["planned"] != written["planned"]


def test_a_version_never_falls(written, check):
    check(another(version=2), update=True)
    with pytest.raises(pytest.fail.Exception, match="only ever raised"):
        check(Shrink, update=True)


class Halved(Params):
    twice: bool = False


@pytest.mark.parametrize(
    "other", [{"facts": OnnxModel(opset=16)}, {"operator": another(params=Halved)}]
)
def test_another_example_or_parameter_wants_a_new_file_but_no_version(other, written, check):
    given = {"operator": Shrink, **other}
    with pytest.raises(pytest.fail.Exception, match="the example is another one"):
        check(**given)
    assert check(**given, update=True)["key"] != written["key"]
    check(**given)


def test_a_fact_that_the_kind_knows_only_now_changes_nothing(written, check):
    assert check(another(plan=lambda self, i, c: StagePlan({"model": later()}))) == written


def later():
    kind = type("OnnxModel", (OnnxModel,), {"__annotations__": {"more": int}, "more": 0})
    return kind(opset=18, inputs=UNKNOWN)


def test_another_version_of_a_library_may_be_the_reason(written, check, monkeypatch):
    monkeypatch.setattr("recipec.testing.versions.installed_version", lambda name: "9.9")
    check(Shrink)  # the same, whatever is installed
    monkeypatch.setattr("recipec.testing.versions._packages", lambda *_: {"onnxruntime": "9.9"})
    check(Shrink, facts=OnnxModel(opset=15), update=True)
    monkeypatch.setattr("recipec.testing.versions._packages", lambda *_: {"onnxruntime": "10"})
    with pytest.raises(pytest.skip.Exception, match=r"onnxruntime 9\.9 \(here 10\)"):
        check(another(opset=19), facts=OnnxModel(opset=15))
