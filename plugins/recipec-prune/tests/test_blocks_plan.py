"""What `prune.blocks` plans, from a layer table alone: no framework is needed here."""

import pytest
from pydantic import ValidationError

from recipec.api import (
    UNKNOWN,
    Axis,
    ChannelGroup,
    ChannelShare,
    DataSamples,
    Layer,
    LayerTable,
    OperatorError,
    ResidualBlock,
    Tensor,
    TensorSpec,
    TorchModule,
)
from recipec.testing import AlonePlanContext, OperatorContract
from recipec_prune.blocks import Blocks

X = (TensorSpec(name="x", shape=("N", 3, 8, 8)),)
DATA = DataSamples(count=1000, inputs=X, classes=10)


def conv(name, out, into, shape):
    """A convolution whose output channels are group `out`, and whose input is group `into`."""
    axes = tuple(
        Axis(dim=dim, shares=(ChannelShare(group=group),))
        for dim, group in enumerate((out, into))
        if group is not None
    )
    weight = Tensor(name="weight", shape=shape, dtype="float32", zeros=0, axes=axes)
    return Layer(name=name, type="Conv2d", tensors=(weight,), positions=4)


def block(name, inner, stream=0, width=8):
    return (
        conv(f"{name}.a", inner, stream, (width, 16, 3, 3)),
        conv(f"{name}.b", stream, inner, (16, width, 3, 3)),
    )


TABLE = LayerTable(
    layers=(
        conv("stem", 0, None, (16, 3, 3, 3)),
        *block("stage.0", 1),
        *block("stage.1", 2, width=24),
        *block("stage.1.inner", 3),
        *block("stage.2", 4),
        conv("head", 5, 0, (10, 16, 1, 1)),
    ),
    groups=(
        *(ChannelGroup(id=n, channels=c) for n, c in enumerate((16, 8, 24, 8, 8))),
        ChannelGroup(id=5, channels=10, protected="feeds the outputs"),
    ),
    blocks=tuple(
        ResidualBlock(name=name, type="Block")
        for name in ("stage.0", "stage.1", "stage.1.inner", "stage.2")
    ),
)
EACH = 2 * 16 * 8 * 9
"""Parameters of `stage.0`; those of `stage.1` are four times as many."""


class TestBlocks(OperatorContract):
    operator = Blocks

    def good_params(self):
        return {"amount": "50%", "data": "train"}

    def example_facts(self):
        table = TABLE.with_layers(TABLE.layers[1:])  # begins with a layer that is in a block
        return {"model": TorchModule(layers=table, inputs=X), "data": DATA}


def plan(tmp_path, table=TABLE, samples_of=DATA, **params):
    if "blocks" not in params and samples_of is not None:
        params = {"data": "train", **params}
    operator = Blocks(Blocks.params.model_validate(params))
    inputs = {"model": TorchModule(layers=table, inputs=X)}
    if "data" in params:
        inputs["data"] = samples_of
    return operator.plan(inputs, AlonePlanContext(tmp_path))


def test_named_blocks_leave_a_table_that_is_exact(tmp_path):
    planned = plan(tmp_path, blocks=["stage.1", "stage.2"])
    made = planned.outputs["model"].layers
    assert [row.name for row in made.layers] == ["stem", "stage.0.a", "stage.0.b", "head"]
    assert [(group.id, group.channels) for group in made.groups] == [(0, 16), (1, 8), (2, 10)]
    assert made.layers[-1].weight.axes[0].shares[0].group == 2
    assert [block.name for block in made.blocks] == ["stage.0"]
    assert planned.changed == {"blocks removed": 2}
    assert planned.effects == (
        "2 residual blocks leave: stage.1, stage.2",
        f"{6 * EACH - EACH + EACH - EACH:,} of {TABLE.parameters:,} parameters leave with them",
    )
    assert (planned.work, dict(planned.learns_from)) == (0, {})


def test_a_block_inside_another_can_be_named(tmp_path):
    made = plan(tmp_path, blocks=["stage.1.inner"]).outputs["model"].layers
    assert len(made.layers) == len(TABLE.layers) - 2


def test_with_an_amount_the_number_is_known_and_not_which(tmp_path):
    planned = plan(tmp_path, amount="50%", samples=64)
    assert planned.outputs["model"].layers is UNKNOWN
    assert planned.outputs["model"].inputs == X
    assert planned.changed == {"blocks removed": 2}  # 1.5, to the even one
    assert planned.effects == (
        "2 of 3 residual blocks leave, those that change their input least on 64 samples of train",
        "which ones of stage.0, stage.1, stage.2 is known after the run",
        f"{2 * EACH:,} to {5 * EACH:,} of {TABLE.parameters:,} parameters leave with them",
    )
    assert planned.work == 64 * TABLE.macs
    (learning,) = planned.learns_from.values()
    assert (learning.how, learning.samples) == ("selects", 64)


def test_when_all_leave_it_is_known_which(tmp_path):
    made = plan(tmp_path, count=3).outputs["model"].layers
    assert [row.name for row in made.layers] == ["stem", "head"]
    assert plan(tmp_path, amount=1.0).outputs["model"].layers == made


def test_selectors_of_layers_say_which_blocks_may_leave(tmp_path):
    planned = plan(tmp_path, count=1, include=["stage.*.a"], exclude=["stage.1.inner.*"])
    assert "which ones of stage.0, stage.2 is known after the run" in planned.effects
    assert planned.matched["exclude"] == ("stage.1.inner.a", "stage.1.inner.b")


def test_too_little_changes_nothing_and_says_so(tmp_path):
    planned = plan(tmp_path, amount=0.1)
    assert planned.changed == {"blocks removed": 0}
    assert planned.outputs["model"].layers == TABLE


@pytest.mark.parametrize(
    ("params", "at", "message"),
    [
        ({}, (), "how much to prune is missing"),
        ({"amount": 0.5, "count": 1}, ("count",), "`amount` and `count` are given together"),
        ({"count": 1, "blocks": ["stage.0"]}, ("blocks",), "`count` and `blocks` are given"),
        ({"count": 4}, ("count",), "4 blocks are more than can leave: 3"),
        ({"blocks": ["head"]}, ("blocks", 0), "'head' is no residual block that can leave"),
        ({"blocks": ["stage.0", "stage.0"]}, ("blocks", 1), "'stage.0' is named twice"),
        ({"blocks": ["stage.1.inner", "stage.1"]}, ("blocks", 0), "is inside another block"),
        ({"blocks": ["stage.0"], "data": "train"}, ("data",), "`data` says nothing where"),
        ({"blocks": ["stage.0"], "exclude": ["stem"]}, ("exclude",), "`exclude` says nothing"),
        ({"count": 1, "include": ["stem"]}, (), "the selectors leave no residual block"),
    ],
)
def test_what_makes_no_sense_is_an_error_at_its_place(params, at, message, tmp_path):
    with pytest.raises(OperatorError) as caught:
        plan(tmp_path, **params)
    assert message in caught.value.message
    assert caught.value.at == at
    assert caught.value.hint or at


def test_a_name_that_is_nearly_right_is_guessed(tmp_path):
    with pytest.raises(OperatorError) as caught:
        plan(tmp_path, blocks=["stages.1"])
    assert caught.value.hint == (
        "did you mean 'stage.1'? blocks that can leave: stage.0, stage.1, stage.2"
    )


def test_without_data_there_is_nothing_to_go_by(tmp_path):
    with pytest.raises(OperatorError, match="there is no data to see on") as caught:
        plan(tmp_path, samples_of=None, amount=0.5)
    assert "data:" in caught.value.hint


def test_data_that_does_not_fit_is_an_error(tmp_path):
    other = DataSamples(count=9, inputs=(TensorSpec(name="x", shape=("N", 1, 8, 8)),))
    with pytest.raises(OperatorError, match="the model wants x") as caught:
        plan(tmp_path, samples_of=other, amount=0.5)
    assert caught.value.at == ("data",)


def test_a_model_without_blocks_is_an_error(tmp_path):
    plain = TABLE.model_copy(update={"blocks": ()})
    with pytest.raises(OperatorError, match="no residual block can leave: there is none"):
        plan(tmp_path, plain, amount=0.5)


@pytest.mark.parametrize("amount", [0, "0%", 50, "101%", -1])
def test_an_amount_is_a_part_of_it(amount):
    with pytest.raises(ValidationError):
        Blocks.params.model_validate({"amount": amount})


def test_unknown_blocks_leave_the_plan_open(tmp_path):
    planned = plan(tmp_path, LayerTable(layers=TABLE.layers), amount=0.5)
    assert planned.outputs["model"].layers is UNKNOWN
    assert planned.changed == {"blocks removed": UNKNOWN}
