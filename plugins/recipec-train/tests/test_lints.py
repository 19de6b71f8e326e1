"""What is said about training before it runs."""

from recipec.api import InputView, LayerTable, TorchModule
from recipec.testing import LintContract, plan_of_stages, stage
from recipec_train.lints import REGROWN, SLOW

FACTS = {"model": TorchModule(layers=LayerTable(layers=()))}
DEFAULTS = {"precision": "32-true", "device": "cpu", "keep_zeros": True}


def changes(id, operator, needs=None, traits=(), **params):
    inputs = {"model": InputView(needs, "model")} if needs else {}
    return stage(
        id, operator, inputs=inputs, outputs=FACTS, traits=frozenset(traits), params=params
    )


def fit(id, needs=None, **params):
    return changes(id, "train.fit", needs, ["trains"], **{**DEFAULTS, **params})


def mask(id, needs=None):
    return changes(id, "acme.mask", needs, ["masks"])


class TestSlow(LintContract):
    lint = SLOW

    def bad_plan(self):
        return plan_of_stages(fit("fit", precision="16-mixed"))

    def good_plan(self):
        fast = fit("fit", precision="16-mixed", device="cuda")
        return plan_of_stages(fast, fit("other", precision="bf16-mixed"))


class TestRegrown(LintContract):
    lint = REGROWN

    def bad_plan(self):
        return plan_of_stages(
            mask("sparse"), fit("kept", "sparse"), fit("lost", "kept", keep_zeros=False)
        )

    def good_plan(self):
        return plan_of_stages(
            fit("first", keep_zeros=False), mask("sparse", "first"), fit("second", "sparse")
        )


def test_zeros_are_lost_once_and_the_place_is_the_parameter():
    first, second = (
        fit("first", "sparse", keep_zeros=False),
        fit("second", "first", keep_zeros=False),
    )
    (finding,) = REGROWN.check(plan_of_stages(mask("sparse"), first, second))
    assert finding.at == ("stages", "first", "with", "keep_zeros")
    assert "'sparse'" in finding.message
