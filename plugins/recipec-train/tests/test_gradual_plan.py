"""Gradual pruning, planned: the cubic schedule, zero counts, and what is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Layer,
    LayerTable,
    OperatorError,
    Tensor,
    TensorSpec,
    TorchModule,
)
from recipec.testing import AlonePlanContext
from recipec_train.fit import Fit
from recipec_train.gradual import GradualPruning

IMAGES = TensorSpec(name="x", shape=("N", 1, 8, 8))
DATA = DataSamples(count=100, inputs=(IMAGES,), classes=10, split="train")


def layer(name, type, *tensors):
    return Layer(name=name, type=type, tensors=tensors, positions=1)


def tensor(name, *shape, zeros=0):
    return Tensor(name=name, shape=shape, dtype="float32", zeros=zeros)


CONV = layer("conv", "Conv2d", tensor("weight", 8, 1, 3, 3), tensor("bias", 8))
NORM = layer("bn", "BatchNorm2d", tensor("weight", 8), tensor("bias", 8, zeros=8))
LSTM = layer("lstm", "LSTM", tensor("weight_ih_l0", 16, 8), tensor("bias_ih_l0", 16))
HEAD = layer("fc", "Linear", tensor("weight", 10, 16, zeros=40))
EMBEDDING = layer("words", "Embedding", tensor("weight", 20, 8))


def model(*layers):
    return TorchModule(
        inputs=(IMAGES,),
        outputs=(TensorSpec(name="output", shape=("N", 10)),),
        layers=LayerTable(layers=layers),
        precision="fp32",
    )


def plan(layers=(CONV, NORM, LSTM, HEAD), data=DATA, keep_zeros=True, stop=None, **rule):
    params = {"data": "train", "epochs": 10, "keep_zeros": keep_zeros, **(stop or {})}
    rule = {"final": "75%", "every": 5, **rule}
    operator = Fit(Fit.params.model_validate({**params, "gradual_pruning": rule}))
    given = model(*layers) if layers is not None else model().model_copy(update={"layers": UNKNOWN})
    return operator.plan({"model": given, "data": data}, AlonePlanContext(Path("unused")))


def refused(**given) -> OperatorError:
    with pytest.raises(OperatorError) as raised:
        plan(**given)
    return raised.value


def zeros(made):
    return {
        f"{layer.name}.{tensor.name}": tensor.zeros
        for layer in made.outputs["model"].layers.layers
        for tensor in layer.tensors
        if tensor.zeros is not UNKNOWN
    }


def test_the_schedule_is_the_paper_s_equation():
    rule = GradualPruning(final=0.8, initial=0.2, begin=0.1, end=0.6, every=10)
    sparsities = rule.prunings(100)
    assert list(sparsities) == [10, 20, 30, 40, 50, 60]
    for step, sparsity in sparsities.items():
        assert sparsity == 0.8 + (0.2 - 0.8) * (1 - (step - 10) / 50) ** 3
    assert sparsities[10] == pytest.approx(0.2)
    assert sparsities[60] == 0.8


def test_the_last_pruning_is_not_after_the_end():
    assert list(GradualPruning(final=0.5, end=1.0, every=8).prunings(30)) == [0, 8, 16, 24]


@pytest.mark.parametrize(
    "wrong",
    [{"begin": 0.7, "end": 0.7}, {"initial": 0.8}, {"final": 1.0}, {"final": 0}, {"every": 0}],
)
def test_a_schedule_that_leads_nowhere_is_refused(wrong):
    with pytest.raises(ValidationError):
        GradualPruning.model_validate({"final": 0.5, **wrong})


def test_zeros_are_planned_for_each_weight_and_for_nothing_else():
    made = plan()
    assert zeros(made) == {"conv.weight": 54, "lstm.weight_ih_l0": 96, "fc.weight": 120}
    assert made.changed == {"weights zeroed": 54 + 96 + 120 - 40}


def test_zeros_that_are_not_held_leave_open_how_many_are_new():
    assert plan(keep_zeros=False).changed == {"weights zeroed": UNKNOWN}
    empty = layer("fc", "Linear", tensor("weight", 10, 16, zeros=160))  # an initialization
    assert plan(layers=(CONV, empty)).changed == {"weights zeroed": UNKNOWN}
    assert plan(keep_zeros=False, include=["conv"]).changed == {"weights zeroed": 54}


def test_one_threshold_leaves_the_split_open():
    made = plan(scope="global")
    assert zeros(made) == {}
    assert made.changed == {"weights zeroed": round(0.75 * (72 + 128 + 160)) - 40}


def test_selectors_choose_layers():
    made = plan(include=["type:Conv*", "lstm"], exclude=["lstm"])
    assert zeros(made) == {"conv.weight": 54, "fc.weight": 40}
    assert made.matched == {
        "gradual_pruning.include": ("conv", "lstm"),
        "gradual_pruning.exclude": ("lstm",),
    }


def test_embeddings_are_pruned_where_they_are_asked_for():
    assert "words.weight" not in zeros(plan(layers=(EMBEDDING, CONV)))
    assert zeros(plan(layers=(EMBEDDING, CONV), include=["words"])) == {"words.weight": 120}


def test_the_effects_say_how_much_and_when():
    assert plan().effects[-3:] == (
        "prunes gradually from 0.0% to 75.0% of 360 weights, of each layer",
        "6 prunings, at step 0 to 25 of 40 (cubic)",
        "masks only: no speed-up on dense kernels",
    )


def test_what_is_not_known_yet_stays_open():
    assert plan(layers=None).changed == {"weights zeroed": UNKNOWN}
    assert plan(data=DATA.model_copy(update={"count": UNKNOWN})).changed == plan().changed


def test_a_selector_without_a_match_is_refused():
    assert refused(include=["conv", "convv"]).at == ("gradual_pruning", "include", 1)
    assert refused(exclude=["x"]).at == ("gradual_pruning", "exclude", 0)


def test_a_layer_without_weights_that_multiply_is_refused():
    error = refused(include=["bn"])
    assert error.at == ("gradual_pruning", "include", 0)
    assert error.message == "bn (BatchNorm2d) has no weight to prune"


def test_a_layer_that_shares_its_weight_is_told_of_the_owner():
    shared = tensor("weight", 8, 8).model_copy(update={"shared_with": ("second",)})
    layers = (layer("first", "Linear", shared), layer("second", "Linear", tensor("bias", 8)))
    error = refused(layers=layers, include=["second"])
    assert error.message == "second has no weight of its own: it shares that of first"
    assert "weight" in zeros(plan(layers=layers, include=["first"])).popitem()[0]


def test_a_model_without_weights_is_refused():
    assert refused(layers=(NORM,)).message == "there is no weight to prune"


def test_more_kept_zeros_than_are_asked_for_are_refused():
    assert refused(final="20%").at == ("gradual_pruning", "final")
    assert refused(final="10%", scope="global").at == ("gradual_pruning", "final")
    assert zeros(plan(final="20%", keep_zeros=False))["fc.weight"] == 32


def test_a_training_too_short_for_the_schedule_is_refused():
    error = refused(every=40)
    assert error.at == ("gradual_pruning", "every")
    assert error.hint == "`every` can be 28 at most"


def test_early_stopping_that_could_only_look_at_the_last_epoch_is_refused():
    stop = {"validation": "validation", "early_stop": {"patience": 1}}
    plan(stop=stop, end="90%", every=1)  # at step 36 of 40, four to an epoch: two are left
    error = refused(stop=stop, end="100%", every=4)
    assert error.at == ("early_stop",)
    assert error.message.startswith("it can look at the last epoch only: until step 40 of 40")
    assert error.hint.startswith("let `gradual_pruning` end before 100%")
    plan(stop=stop, end="100%", every=36)  # its last pruning is at step 36 all the same
    plan(stop={**stop, "epochs": 1}, end="100%", every=1)
    plan(stop=stop, end="100%", every=4, data=DATA.model_copy(update={"count": UNKNOWN}))


def test_epochs_are_counted_from_a_step():
    from recipec.api.training import Length

    length = Length(epochs=4, steps=14, per_epoch=4)  # they end at 4, 8, 12 and 14
    counted = [length.epochs_from(step) for step in (0, 1, 4, 5, 12, 13, 14)]
    assert counted == [4, 4, 4, 3, 2, 1, 1]


def test_a_stage_without_it_has_the_key_it_always_had():
    params = Fit.params.model_validate({"data": "train", "epochs": 1})
    assert "gradual_pruning" not in params.model_dump(mode="json")
    pruning = {"data": "train", "epochs": 1, "gradual_pruning": {"final": 0.5}}
    assert Fit.params.model_validate(pruning).model_dump()["gradual_pruning"]["final"] == 0.5
