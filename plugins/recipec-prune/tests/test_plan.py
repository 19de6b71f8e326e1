"""What `prune.channels` plans, from a layer table alone: no framework is needed here."""

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
from recipec_prune.channels import Channels
from recipec_prune.counts import stay


def conv(name, out, into, shape):
    """A convolution whose output channels are group `out`, and whose input is group `into`."""
    axes = [Axis(dim=0, shares=(ChannelShare(group=out),))]
    if into is not None:
        axes.append(Axis(dim=1, shares=(ChannelShare(group=into),)))
    weight = Tensor(name="weight", shape=shape, dtype="float32", zeros=0, axes=tuple(axes))
    return Layer(name=name, type="Conv2d", tensors=(weight,), positions=4)


TABLE = LayerTable(
    layers=(
        conv("stem", 0, None, (32, 3, 3, 3)),
        conv("block.a", 1, 0, (48, 32, 1, 1)),
        conv("block.b", 0, 1, (32, 48, 1, 1)),
        conv("gate", 2, 0, (8, 32, 1, 1)),
        conv("head", 3, 2, (10, 8, 1, 1)),
    ),
    groups=(
        ChannelGroup(id=0, channels=32),
        ChannelGroup(id=1, channels=48),
        ChannelGroup(id=2, channels=8),
        ChannelGroup(id=3, channels=10, protected="feeds the outputs"),
    ),
)


class TestChannels(OperatorContract):
    operator = Channels

    def good_params(self):
        return {"amount": 0.4}

    def example_facts(self):
        return {"model": TorchModule(layers=TABLE)}


def plan(tmp_path, table=TABLE, **params):
    operator = Channels(Channels.params.model_validate(params))
    return operator.plan({"model": TorchModule(layers=table)}, AlonePlanContext(tmp_path))


def shapes(planned):
    return {row.name: row.weight.shape[:2] for row in planned.outputs["model"].layers.layers}


def test_every_group_loses_its_share_and_every_shape_follows(tmp_path):
    planned = plan(tmp_path, amount=0.4)
    assert shapes(planned) == {
        "stem": (16, 3),
        "block.a": (24, 16),
        "block.b": (16, 24),
        "gate": (8, 16),
        "head": (10, 8),
    }
    assert planned.effects == (
        "40 of 88 channels leave (45%), in 2 groups",
        "protected: head (feeds the outputs)",
        "kept whole, having at most 8 channels: gate",
    )


@pytest.mark.parametrize(
    ("channels", "amount", "round_to", "staying"),
    [
        (64, 0.5, 8, 32),
        (64, 0.4, 8, 32),  # 38.4, rounded down
        (64, 0.4, 1, 38),
        (160, 0.9, 16, 16),  # exactly: binary fractions would say 15.999…
        (16, 0.9, 8, 8),  # at least one multiple
        (20, 0.1, 8, 16),
        (8, 0.5, 8, 8),
        (6, 0.5, 8, 6),  # as in EfficientNet's gates
        (3, 0.9, 1, 1),
    ],
)
def test_what_stays_is_a_multiple_and_never_nothing(channels, amount, round_to, staying):
    assert stay(channels, amount, round_to) == staying


def test_selectors_choose_groups_by_the_layers_that_make_their_channels(tmp_path):
    assert shapes(plan(tmp_path, amount=0.5, include=["block.a"]))["block.a"] == (24, 32)
    only = plan(tmp_path, amount=0.5, include=["block.*"], exclude=["stem"])
    assert shapes(only)["block.a"] == (24, 32)
    assert "not selected: stem, gate" in only.effects
    with pytest.raises(OperatorError, match="'blok' matches no layer") as caught:
        plan(tmp_path, amount=0.5, include=["stem", "blok"])
    assert caught.value.at == ("include", 1)
    assert "block.a (Conv2d)" in caught.value.hint


def test_a_plan_says_what_its_selectors_matched(tmp_path):
    names = [layer.name for layer in TABLE.layers]
    planned = plan(tmp_path, amount="50%", include=["type:Conv2d"], exclude=[names[0]])
    convolutions = tuple(layer.name for layer in TABLE.layers if layer.type == "Conv2d")
    assert planned.matched == {"include": convolutions, "exclude": (names[0],)}
    assert plan(tmp_path, amount=0.5).matched == {}


def test_a_share_in_percent_is_the_same_stage(tmp_path):
    written = [Channels.params.model_validate({"amount": amount}) for amount in ("50%", 0.5)]
    assert written[0].model_dump(mode="json") == written[1].model_dump(mode="json")
    assert written[0].amount == 0.5
    with pytest.raises(ValidationError, match="50 could be 50% or 5000%"):
        Channels.params.model_validate({"amount": 50})


def test_where_no_channel_can_leave_the_plan_counts_none_and_says_why(tmp_path):
    planned = plan(tmp_path, amount=0.5, round_to=64, exclude=["stem"])
    assert planned.changed == {"channels removed": 0}  # which recipec refuses, unless allowed
    assert planned.outputs["model"].layers == TABLE
    assert planned.effects == (
        "no channel leaves",
        "protected: head (feeds the outputs)",
        "kept whole, having at most 64 channels: block.a, gate",
        "not selected: stem",
    )


def test_a_model_that_cannot_be_analysed_says_so(tmp_path):
    reason = "the module can't be analysed: ZeroDivisionError"
    lost = LayerTable(
        layers=TABLE.layers, groups=(ChannelGroup(id=0, channels=98, protected=reason),)
    )
    lost = lost.model_copy(
        update={
            "layers": tuple(
                row.model_copy(update={"tensors": (row.weight.model_copy(update={"axes": ()}),)})
                for row in TABLE.layers
            )
        }
    )
    planned = plan(tmp_path, table=lost, amount=0.5)
    assert planned.changed == {"channels removed": 0}
    assert planned.effects == ("no channel leaves", f"protected: {reason}")


def test_a_layer_whose_channels_cannot_leave_is_an_error_where_it_is_asked_for(tmp_path):
    with pytest.raises(OperatorError) as caught:
        plan(tmp_path, amount=0.5, include=["stem", "head"])
    assert caught.value.at == ("include", 1)
    assert caught.value.message == "no channel of head can leave: feeds the outputs"


def test_an_lstm_where_a_convolution_is_meant_is_an_error(tmp_path):
    weights = (
        Tensor(name=f"weight_{kind}_l0", shape=(64, 16), dtype="float32") for kind in ("ih", "hh")
    )
    lstm = Layer(name="lstm", type="LSTM", tensors=tuple(weights))
    table = TABLE.with_layers((*TABLE.layers, lstm))
    with pytest.raises(OperatorError, match=r"lstm \(LSTM\) makes no channels") as caught:
        plan(tmp_path, table=table, amount=0.5, include=["block.*", "lstm"])
    assert caught.value.at == ("include", 1)
    assert caught.value.hint == "select convolutions or linear layers inside the model"


def test_the_channels_that_leave_are_counted(tmp_path):
    assert plan(tmp_path, amount=0.4).changed == {"channels removed": 40}
    unknown = plan(tmp_path, table=LayerTable(layers=TABLE.layers), amount=0.5)
    assert unknown.changed == {"channels removed": UNKNOWN}


def test_unknown_groups_leave_the_shapes_unknown(tmp_path):
    planned = plan(tmp_path, table=LayerTable(layers=TABLE.layers), amount=0.5)
    assert planned.outputs["model"].layers is UNKNOWN


def test_zeros_are_known_only_where_nothing_changed(tmp_path):
    made = plan(tmp_path, amount=0.4).outputs["model"].layers
    zeros = {row.name: row.weight.zeros for row in made.layers}
    assert zeros == {
        "stem": UNKNOWN,
        "block.a": UNKNOWN,
        "block.b": UNKNOWN,
        "gate": UNKNOWN,
        "head": 0,
    }
