"""What gradual pruning plans to change is what it changes, whichever zeros there are before."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipec.api import UNKNOWN, OperatorError
from recipec.testing import AlonePlanContext, AloneRunContext
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks

SHARES = st.sampled_from([0.0, 0.02, 0.3, 0.6, 0.95, 1.0])


def staged(folder, shares, **params):
    """Plan and run on an Mlp whose weights have these shares of zeros; give weights before, too."""
    import torch

    from recipec.api.torch import load_module
    from train_examples.making import refer_to_digits, save_model

    def zero(module):
        generator = torch.Generator().manual_seed(1)
        for layer, share in zip((module.first, module.last), shares, strict=True):
            layer.weight[torch.rand(layer.weight.shape, generator=generator) < share] = 0.0

    model = save_model(folder / "model", "Mlp", zero, hidden=4)
    inputs = {"model": model, "data": refer_to_digits(folder / "digits.json", 0, 40)}
    operator = Fit(Fit.params.model_validate({"data": "d", "steps": 10, "batch_size": 8, **params}))
    facts = {place: artifact.facts for place, artifact in inputs.items()}
    plan = operator.plan(facts, AlonePlanContext(folder))
    context = AloneRunContext(folder, operator)
    result = operator.run(inputs, context)
    return plan, result, load_module(model.path), load_module(context.path_for("model"))


@settings(max_examples=30, deadline=None)
@given(
    shares=st.tuples(SHARES, SHARES),
    final=st.sampled_from([0.01, 0.3, 0.5, 0.97]),
    scope=st.sampled_from(["layer", "global"]),
    keep_zeros=st.booleans(),
)
def test_the_plan_never_contradicts_the_run(shares, final, scope, keep_zeros):
    rule = {"final": final, "scope": scope, "every": 2}
    with tempfile.TemporaryDirectory() as folder:
        try:
            plan, result, before, after = staged(
                Path(folder), shares, gradual_pruning=rule, keep_zeros=keep_zeros
            )
        except OperatorError as problem:  # of the plan or, where it can't know, of the run
            refused = problem.message
        else:
            refused = None
    if refused is not None:
        assert "zeros already, more than" in refused
        assert keep_zeros
        return
    made = result.outputs["model"]
    assert list(plan.outputs["model"].contradictions(made)) == []
    pairs = [(before.first.weight, after.first.weight), (before.last.weight, after.last.weight)]
    zeroed = sum(int(((new == 0) & (old != 0)).sum()) for old, new in pairs)
    assert result.changed == {"weights zeroed": zeroed}
    assert plan.changed["weights zeroed"] in (UNKNOWN, zeroed)
    total = sum(int((new == 0).sum()) for _, new in pairs)
    sizes = [new.numel() for _, new in pairs]
    wanted = [sum(sizes)] if scope == "global" else sizes
    assert total == sum(round(final * size) for size in wanted)


def test_zeros_that_are_not_held_leave_the_count_open(tmp_path):
    rule = {"final": "50%", "every": 2}
    plan, result, *_ = staged(tmp_path, (0.3, 0.3), gradual_pruning=rule, keep_zeros=False)
    assert plan.changed == {"weights zeroed": UNKNOWN}
    assert 0 < result.changed["weights zeroed"] <= 148
