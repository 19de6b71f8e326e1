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


def test_every_stage_that_trains_is_looked_at():
    """A plugin's too: by what it declares, and by the names of its parameters."""
    slow = changes("qat", "acme.qat", traits=["trains"], precision="16-mixed", device="cpu")
    other = changes("other", "acme.search", traits=["trains"])
    (finding,) = SLOW.check(plan_of_stages(slow, other))
    assert "'qat'" in finding.message


def test_zeros_of_a_pruning_schedule_are_lost_too():
    pruned = fit("pruned", gradual_pruning={"final": 0.8})
    lost = fit("lost", "pruned", keep_zeros=False)
    (finding,) = REGROWN.check(plan_of_stages(pruned, lost))
    assert finding.message.startswith("'lost' trains the weights that 'pruned' has set to zero")
