"""What operators that set weights to zero plan, from a layer table alone: without a framework."""

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    Axis,
    ChannelGroup,
    ChannelShare,
    Layer,
    LayerTable,
    OperatorError,
    Tensor,
    TorchModule,
)
from recipec.testing import AlonePlanContext, OperatorContract
from recipec_prune.semi_structured import SemiStructured
from recipec_prune.structured import Structured
from recipec_prune.unstructured import Unstructured
from recipec_prune.whole import Global

MASKS = [Unstructured, Structured, Global, SemiStructured]


def row(name, type, positions=1, shared_with=(), **shapes):
    """A layer with tensors of these shapes; none of them holds a zero."""
    tensors = (
        Tensor(name=n, shape=shape, dtype="float32", zeros=0, shared_with=shared_with)
        for n, shape in shapes.items()
    )
    return Layer(name=name, type=type, tensors=tuple(tensors), positions=positions)


def classifier(group):
    weight = Tensor(
        name="weight",
        shape=(10, 32),
        dtype="float32",
        zeros=0,
        axes=(Axis(dim=0, shares=(ChannelShare(group=group),)),),
    )
    return Layer(name="fc", type="Linear", tensors=(weight,), positions=1)


TABLE = LayerTable(
    layers=(
        row("conv", "Conv2d", weight=(16, 3, 3, 3), bias=(16,)),
        row("bn", "BatchNorm2d", positions=0, weight=(16,), bias=(16,)),
        row("deep", "Conv2d", weight=(32, 16, 3, 3)),
        row("up", "ConvTranspose2d", weight=(32, 16, 2, 2)),
        row("embedding", "Embedding", positions=0, weight=(50, 8)),
        row("lstm", "LSTM", positions=0, weight_ih_l0=(64, 8), weight_hh_l0=(64, 16)),
        classifier(0),
    ),
    groups=(ChannelGroup(id=0, channels=10, protected="feeds the outputs"),),
)


def plan(operator, tmp_path, table=TABLE, **params):
    made = operator(operator.params.model_validate(params))
    return made.plan({"model": TorchModule(layers=table)}, AlonePlanContext(tmp_path))


def zeros(planned):
    layers = planned.outputs["model"].layers.layers
    return {f"{row.name}.{t.name}": t.zeros for row in layers for t in row.tensors if t.zeros != 0}


class MaskContract(OperatorContract):
    def good_params(self):
        return {"amount": 0.5}

    def example_facts(self):
        return {"model": TorchModule(layers=TABLE)}


class TestUnstructured(MaskContract):
    operator = Unstructured


class TestGlobal(MaskContract):
    operator = Global


class TestStructured(MaskContract):
    operator = Structured


class TestSemiStructured(OperatorContract):
    operator = SemiStructured

    def good_params(self):
        return {"pattern": "2:4"}

    def example_facts(self):  # the first layer is one that can have the pattern
        return {"model": TorchModule(layers=TABLE.with_layers(TABLE.layers[2:]))}


def test_unstructured_counts_the_zeros_of_each_tensor_exactly(tmp_path):
    planned = plan(Unstructured, tmp_path, amount="40%")
    assert zeros(planned) == {
        "conv.weight": 173,  # 172.8
        "deep.weight": 1843,  # 1843.2
        "up.weight": 819,  # 819.2
        "lstm.weight_ih_l0": 205,  # 204.8
        "lstm.weight_hh_l0": 410,  # 409.6
        "fc.weight": 128,
    }
    assert planned.changed == {"weights zeroed": 3578}
    assert planned.effects == (
        "3,578 of 8,944 weights are zero (40.0%), the same share of each of 6 tensors",
        "left whole: embedding (an embedding, which is pruned only where `include` selects it)",
        "masks only: no speed-up on dense kernels",
    )


def test_a_count_is_that_of_each_tensor(tmp_path):
    planned = plan(Unstructured, tmp_path, count=5, include=["lstm", "fc"])
    assert set(zeros(planned).values()) == {5}
    assert planned.changed == {"weights zeroed": 15}


def test_halves_are_rounded_as_torch_does(tmp_path):
    table = LayerTable(
        layers=(row("a", "Linear", weight=(1, 5)), row("b", "Linear", weight=(1, 7)))
    )
    assert zeros(plan(Unstructured, tmp_path, table, amount=0.5)) == {
        "a.weight": 2,  # 2.5, to the even one
        "b.weight": 4,  # 3.5
    }


def test_tensors_say_which_of_a_layer(tmp_path):
    planned = plan(Unstructured, tmp_path, amount=0.5, tensors=["weight_hh_*"])
    assert zeros(planned) == {"lstm.weight_hh_l0": 512}
    with pytest.raises(OperatorError, match="'weight_xx' names no tensor") as caught:
        plan(Unstructured, tmp_path, amount=0.5, tensors=["weight", "weight_xx"])
    assert caught.value.at == ("tensors", 1)


def test_an_embedding_is_pruned_where_it_is_selected(tmp_path):
    assert zeros(plan(Unstructured, tmp_path, amount=0.5, include=["embedding"])) == {
        "embedding.weight": 200
    }


def test_global_knows_the_sum_and_not_its_parts(tmp_path):
    planned = plan(Global, tmp_path, amount=0.5)
    assert planned.changed == {"weights zeroed": 4472}
    assert set(zeros(planned).values()) == {UNKNOWN}
    assert planned.effects[0] == (
        "4,472 of 8,944 weights are zero (50.0%), in 6 tensors; "
        "how many in each is known after the run"
    )


def test_structured_counts_channels_and_keeps_the_classifier(tmp_path):
    planned = plan(Structured, tmp_path, amount=0.25)
    assert zeros(planned) == {
        "conv.weight": 4 * 27,
        "deep.weight": 8 * 144,
    }
    assert planned.changed == {"channels zeroed": 12}
    assert planned.effects == (
        "12 of 48 channels (output) of 2 layers are zero",
        "left whole: up (its dimension 0 are input channels: only `include` chooses it)",
        "left whole: embedding (the rows of Embedding weights are no channels)",
        "left whole: lstm (the rows of LSTM weights are no channels)",
        "left whole: fc (it feeds the outputs: only `include` chooses it)",
        "masks only: no speed-up on dense kernels",
    )


def test_structured_along_another_dimension(tmp_path):
    planned = plan(Structured, tmp_path, count=2, dim=1, include=["deep", "fc"])
    assert zeros(planned) == {"deep.weight": 2 * 288, "fc.weight": 20}
    with pytest.raises(OperatorError, match="weight has 2 dimensions, and none is 3") as caught:
        plan(Structured, tmp_path, count=2, dim=3, include=["deep", "fc"])
    assert caught.value.at == ("include", 1)


def test_semi_structured_skips_what_has_no_such_kernels_and_says_so(tmp_path):
    planned = plan(SemiStructured, tmp_path)
    assert zeros(planned) == {"deep.weight": 2304, "fc.weight": 160}
    assert planned.changed == {"weights zeroed": 2464}
    assert planned.effects == (
        "2:4 in 1,232 groups of 2 layers: 2,464 of 4,928 weights are zero, or more where others "
        "were before",
        "left whole: conv (its inputs don't divide by 4)",
        "left whole: up (no sparse kernels exist for transposed convolutions)",
        "left whole: embedding (no sparse kernels exist for Embedding weights)",
        "left whole: lstm (no sparse kernels exist for LSTM weights)",
        "masks only: no speed-up on dense kernels",
    )


@pytest.mark.parametrize("pattern", ["4:2", "4:4", "0:4", "2/4", "two:four", "2:4:8", ""])
def test_a_pattern_is_some_of_many(pattern):
    with pytest.raises(ValidationError, match="is not a pattern"):
        SemiStructured.params.model_validate({"pattern": pattern})


def test_what_is_zero_already_counts(tmp_path):
    once = plan(Unstructured, tmp_path, amount=0.3, include=["fc"])
    again = plan(Unstructured, tmp_path, once.outputs["model"].layers, amount=0.5, include=["fc"])
    assert zeros(again) == {"fc.weight": 160}
    assert again.changed == {"weights zeroed": 160 - 96}
    less = plan(Unstructured, tmp_path, again.outputs["model"].layers, amount=0.1, include=["fc"])
    assert zeros(less) == {"fc.weight": 160}
    assert less.changed == {"weights zeroed": 0}


def test_after_training_it_is_not_known_what_a_stage_changes(tmp_path):
    trained = TABLE.without_zeros()
    planned = plan(Unstructured, tmp_path, trained, amount=0.5, include=["fc"])
    assert zeros(planned)["fc.weight"] == 160  # the run holds to this
    assert planned.changed == {"weights zeroed": UNKNOWN}
    structured = plan(Structured, tmp_path, trained, amount=0.5, include=["fc"])
    assert zeros(structured)["fc.weight"] is UNKNOWN  # zeros may be in other channels too
    assert zeros(plan(SemiStructured, tmp_path, trained))["fc.weight"] is UNKNOWN


@pytest.mark.parametrize("operator", MASKS)
def test_unknown_layers_leave_the_plan_open(operator, tmp_path):
    params = {} if operator is SemiStructured else {"amount": 0.5}
    made = operator(operator.params.model_validate(params))
    planned = made.plan({"model": TorchModule()}, AlonePlanContext(tmp_path))
    assert planned.outputs["model"].layers is UNKNOWN
    assert list(planned.changed.values()) == [UNKNOWN]


@pytest.mark.parametrize("operator", [Unstructured, Global, Structured])
@pytest.mark.parametrize("amount", ["0%", 0.0, "100%", 1.0, 50, -0.5, "150%"])
def test_an_amount_is_a_part_of_it(operator, amount):
    with pytest.raises(ValidationError):
        operator.params.model_validate({"amount": amount})


@pytest.mark.parametrize("operator", [Unstructured, Global, Structured])
def test_how_much_is_said_once(operator, tmp_path):
    with pytest.raises(OperatorError, match="how much to prune is missing"):
        plan(operator, tmp_path)
    with pytest.raises(OperatorError, match="both `amount` and `count`") as caught:
        plan(operator, tmp_path, amount=0.5, count=3)
    assert caught.value.at == ("count",)


@pytest.mark.parametrize(
    ("operator", "what"),
    [
        (Unstructured, r"conv\.weight has 432"),
        (Structured, r"conv\.weight, along 0, has 16"),
        (Global, "all of them together has 8944"),
    ],
)
def test_no_more_can_be_zero_than_there_is(operator, what, tmp_path):
    with pytest.raises(OperatorError, match=what) as caught:
        plan(operator, tmp_path, count=8944)
    assert caught.value.at == ("count",)


@pytest.mark.parametrize("operator", [Unstructured, Structured, Global])
def test_a_layer_that_would_be_all_zero_is_an_error(operator, tmp_path):
    table = LayerTable(layers=(row("tiny", "Linear", weight=(2, 1)),))
    with pytest.raises(OperatorError, match="is all: it has 2") as caught:
        plan(operator, tmp_path, table, amount=0.9)
    assert caught.value.at == ("amount",)


def test_a_single_channel_is_left_whole(tmp_path):
    depthwise = row("depthwise", "Conv2d", weight=(16, 1, 3, 3))
    table = TABLE.with_layers((*TABLE.layers, depthwise))
    planned = plan(Structured, tmp_path, table, amount=0.6, dim=1)
    assert "left whole: depthwise (it has one channel only along 1)" in planned.effects


@pytest.mark.parametrize(
    ("operator", "layer", "why"),
    [
        (Unstructured, "bn", r"bn \(BatchNorm2d\) has no weight to prune"),
        (Global, "bn", r"bn \(BatchNorm2d\) has no weight to prune"),
        (Structured, "lstm", r"lstm \(LSTM\) can't be pruned here: the rows of LSTM weights"),
        (SemiStructured, "lstm", r"lstm \(LSTM\) can't be pruned here: no sparse kernels"),
        (SemiStructured, "conv", r"conv \(Conv2d\) can't be pruned here: its inputs don't divide"),
    ],
)
def test_a_layer_that_cannot_be_pruned_is_an_error_where_it_is_asked_for(
    operator, layer, why, tmp_path
):
    params = {} if operator is SemiStructured else {"amount": 0.5}
    with pytest.raises(OperatorError, match=why) as caught:
        plan(operator, tmp_path, include=["deep", layer], **params)
    assert caught.value.at == ("include", 1)


def test_a_model_without_weights_is_an_error(tmp_path):
    table = TABLE.with_layers(TABLE.layers[1:2])
    with pytest.raises(OperatorError, match="no layer has weights that multiply"):
        plan(Unstructured, tmp_path, table, amount=0.5)


def test_shared_weights_are_pruned_with_a_warning_and_by_their_owner(tmp_path):
    decoder = row("decoder", "Linear", shared_with=("embedding",), weight=(20, 8))
    embedding = row("embedding", "Embedding", positions=0, extra=(1,))
    table = LayerTable(layers=(decoder, embedding))
    planned = plan(Unstructured, tmp_path, table, amount=0.5)
    assert planned.warnings == ("decoder.weight is shared with embedding: its zeros are there too",)
    with pytest.raises(OperatorError, match="embedding has no weight of its own") as caught:
        plan(Unstructured, tmp_path, table, amount=0.5, include=["embedding"])
    assert caught.value.at == ("include", 0)
    assert caught.value.hint == "include decoder: the zeros are in both"
