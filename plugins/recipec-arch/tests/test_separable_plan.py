"""What `arch.depthwise_separable` plans, from a layer table alone: no framework is needed here."""

from dataclasses import dataclass

import pytest

from recipec.api import (
    UNKNOWN,
    Axis,
    ChannelGroup,
    ChannelShare,
    Layer,
    LayerTable,
    OperatorError,
    Tensor,
    TensorSpec,
    TorchModule,
)
from recipec.testing import AlonePlanContext
from recipec_arch.separable import DepthwiseSeparable

INPUTS = (TensorSpec(name="x", shape=("N", 3, 8, 8)),)


def conv(name, shape, out=None, into=None, positions=64, shared=()):
    axes = tuple(
        Axis(dim=dim, shares=(ChannelShare(group=group),))
        for dim, group in enumerate((out, into))
        if group is not None
    )
    weight = Tensor(name="weight", shape=shape, dtype="float32", axes=axes, shared_with=shared)
    return Layer(name=name, type="Conv2d", tensors=(weight,), positions=positions)


def norm(name, channels, group, of):
    axes = (Axis(dim=0, shares=(ChannelShare(group=group),)),)
    scale = Tensor(name="weight", shape=(channels,), dtype="float32", axes=axes)
    return Layer(name=name, type="BatchNorm2d", tensors=(scale,), folds_into=of)


LSTM = Layer(
    name="lstm",
    type="LSTM",
    tensors=(Tensor(name="weight_ih_l0", shape=(64, 32), dtype="float32"),),
)
TABLE = LayerTable(
    layers=(
        conv("stem", (16, 3, 3, 3), out=0),
        norm("stem_norm", 16, 0, "stem"),
        conv("body", (32, 16, 5, 5), out=1, into=0, positions=16),
        conv("grouped", (32, 8, 3, 3), out=2),
        conv("pointwise", (10, 32, 1, 1), out=3, into=2),
        conv("depthwise", (16, 1, 3, 3), out=0),
        LSTM,
    ),
    groups=(
        ChannelGroup(id=0, channels=16),
        ChannelGroup(id=1, channels=32),
        ChannelGroup(id=2, channels=32, protected="grouped is a convolution in 4 groups"),
        ChannelGroup(id=3, channels=10, protected="feeds the outputs"),
    ),
)


@dataclass
class Planned:
    """A plan, with what tests look at."""

    stage: object

    @property
    def table(self):
        return self.stage.outputs["model"].layers

    def row(self, name):
        return next(row for row in self.table.layers if row.name == name)


def plan(folder, table=TABLE, **params):
    operator = DepthwiseSeparable(DepthwiseSeparable.params.model_validate(params))
    model = TorchModule(inputs=INPUTS, layers=table)
    return Planned(operator.plan({"model": model}, AlonePlanContext(folder)))


def test_work_falls_to_one_by_c_out_plus_one_by_k_squared(tmp_path):
    planned = plan(tmp_path, include=["body"])
    before = 16 * 32 * 16 * 25
    after = planned.row("body.depthwise").macs + planned.row("body.pointwise").macs
    assert after / before == pytest.approx(1 / 32 + 1 / 25)
    assert planned.stage.effects[0] == (
        "1 convolution becomes depthwise + pointwise: 204,800 multiply-adds become 14,592, "
        "7.1% (1/c_out + 1/k² of each)"
    )


def test_all_standard_convolutions_are_chosen_and_others_are_named_with_the_reason(tmp_path):
    planned = plan(tmp_path)
    assert planned.stage.changed == {"convolutions replaced": 2}
    assert [row.name for row in planned.table.layers] == [
        *("stem.depthwise", "stem.pointwise", "stem_norm", "body.depthwise", "body.pointwise"),
        *("grouped", "pointwise", "depthwise", "lstm"),
    ]
    assert planned.stage.effects[2:] == (
        "kept: grouped (is a convolution in groups)",
        "kept: pointwise (has a kernel of size 1)",
        "kept: depthwise (reads one channel for each filter, so there is nothing to separate)",
    )


def test_batch_normalization_and_relu_as_in_mobilenet(tmp_path):
    planned = plan(tmp_path, include=["body"], between="norm_relu")
    between = planned.row("body.norm")
    assert (between.type, between.folds_into) == ("BatchNorm2d", "body.depthwise")
    assert {t.name: (t.shape, t.zeros) for t in between.tensors} == {
        "weight": ((16,), 0),
        "bias": ((16,), 16),
        "running_mean": ((16,), 16),
        "running_var": ((16,), 0),
        "num_batches_tracked": ((), 1),
    }


def test_a_normalization_folds_into_the_pointwise_convolution(tmp_path):
    assert plan(tmp_path).row("stem_norm").folds_into == "stem.pointwise"


def test_channels_stay_coupled_so_that_they_can_be_pruned_afterwards(tmp_path):
    table = plan(tmp_path, include=["body"]).table
    halved = table.resized({0: 8, 1: 16})
    shapes = {row.name: row.tensors[0].shape for row in halved.layers}
    assert shapes["body.depthwise"] == (8, 1, 5, 5)
    assert shapes["body.pointwise"] == (16, 8, 1, 1)


def test_channels_of_the_input_are_a_protected_group(tmp_path):
    table = plan(tmp_path, include=["stem"]).table
    assert [(g.channels, g.protected) for g in table.groups[:2]] == [
        (3, "meets the input"),
        (16, None),
    ]
    assert [group.id for group in table.groups] == [0, 1, 2, 3, 4]


def test_an_unanalysed_model_is_planned_without_groups(tmp_path):
    bare = LayerTable(layers=(conv("a", (8, 4, 3, 3)),))
    planned = plan(tmp_path, bare)
    assert planned.table.groups is UNKNOWN
    assert planned.stage.changed == {"convolutions replaced": 1}


def test_a_model_that_is_not_known_stays_unknown(tmp_path):
    stage = plan(tmp_path, UNKNOWN).stage
    assert stage.outputs["model"].layers is UNKNOWN
    assert stage.changed == {"convolutions replaced": UNKNOWN}


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ("lstm", "lstm (LSTM) is no standard convolution"),
        ("type:LSTM", "lstm (LSTM) is"),
        ("pointwise", "has a kernel of size 1"),
        ("grouped", "is a convolution in groups"),
    ],
)
def test_a_selector_without_a_standard_convolution_is_an_error(selector, reason, tmp_path):
    with pytest.raises(OperatorError) as caught:
        plan(tmp_path, include=["stem", selector])
    assert caught.value.at == ("include", 1)
    assert reason in caught.value.message


def test_a_shared_weight_is_an_error_where_it_is_selected_and_kept_otherwise(tmp_path):
    tied = LayerTable(
        layers=(conv("a", (8, 4, 3, 3), shared=("b",)), conv("c", (8, 8, 3, 3))), groups=UNKNOWN
    )
    with pytest.raises(OperatorError, match="a shares its weight with b"):
        plan(tmp_path, tied, include=["type:Conv2d"])
    with pytest.raises(OperatorError, match="'a' matches no layer that can be replaced"):
        plan(tmp_path, tied, include=["a"])
    assert "kept: a (shares its weight with b)" in plan(tmp_path, tied).stage.effects


def test_nothing_to_replace_is_counted_as_nothing(tmp_path):
    stage = plan(tmp_path, LayerTable(layers=(LSTM,))).stage
    assert stage.changed == {"convolutions replaced": 0}
    assert stage.effects == ("no convolution is replaced: the model has no standard one",)
