"""What `factorize.svd` plans, from a layer table alone: no framework is needed here."""

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
    TensorSpec,
    TorchModule,
)
from recipec.testing import AlonePlanContext
from recipec_factorize.svd import Svd

INPUTS = (TensorSpec(name="x", shape=("N", 3, 8, 8)),)


def layer(name, kind, shape, out=None, into=None, positions=1, shared=()):
    axes = tuple(
        Axis(dim=dim, shares=(ChannelShare(group=group),))
        for dim, group in enumerate((out, into))
        if group is not None
    )
    weight = Tensor(name="weight", shape=shape, dtype="float32", axes=axes, shared_with=shared)
    bias = Tensor(name="bias", shape=shape[:1], dtype="float32", zeros=3, axes=axes[:1])
    return Layer(name=name, type=kind, tensors=(weight, bias), positions=positions)


TABLE = LayerTable(
    layers=(
        layer("stem", "Conv2d", (16, 3, 3, 3), out=0, positions=64),
        layer("mix", "Conv2d", (64, 16, 1, 1), out=1, into=0, positions=64),
        layer("hidden", "Linear", (40, 64), out=2, into=1),
        layer("fc", "Linear", (10, 40), out=3, into=2),
        Layer(
            name="lstm",
            type="LSTM",
            tensors=(Tensor(name="weight_ih_l0", shape=(64, 32), dtype="float32"),),
        ),
    ),
    groups=(
        ChannelGroup(id=0, channels=16),
        ChannelGroup(id=1, channels=64),
        ChannelGroup(id=2, channels=40),
        ChannelGroup(id=3, channels=10, protected="feeds the outputs"),
    ),
)


def plan(folder, table=TABLE, **params):
    operator = Svd(Svd.params.model_validate(params))
    model = TorchModule(inputs=INPUTS, layers=table)
    return operator.plan({"model": model}, AlonePlanContext(folder))


def rows(planned):
    return {row.name: row for row in planned.outputs["model"].layers.layers}


@pytest.mark.parametrize(
    ("how", "mix", "hidden", "fc"),
    [
        ({"rank": 4}, 4, 4, 4),
        ({"share": "25%"}, 4, 10, 2),
        ({"parameters": "50%"}, 6, 12, 4),  # 512 / 80, 1280 / 104, 200 / 50
        ({"parameters": 0.01}, 1, 1, 1),
    ],
)
def test_ranks_are_those_that_are_asked_for(how, mix, hidden, fc, tmp_path):
    found = rows(plan(tmp_path, **how))
    assert {name: found[f"{name}.reduce"].weight.shape[0] for name in ("mix", "hidden", "fc")} == {
        "mix": mix,
        "hidden": hidden,
        "fc": fc,
    }


def test_each_layer_becomes_two_that_do_its_work(tmp_path):
    planned = plan(tmp_path, rank=4, include=["mix"])
    reduce, expand = rows(planned)["mix.reduce"], rows(planned)["mix.expand"]
    assert (reduce.type, reduce.weight.shape, reduce.positions) == ("Conv2d", (4, 16, 1, 1), 64)
    assert (expand.type, expand.weight.shape, expand.positions) == ("Conv2d", (64, 4, 1, 1), 64)
    assert [tensor.name for tensor in reduce.tensors] == ["weight"]
    assert [(tensor.name, tensor.zeros) for tensor in expand.tensors][1] == ("bias", 3)
    assert planned.changed == {"layers factorized": 1}
    assert planned.effects[0] == (
        "1 layer becomes two thin ones, at rank 4: 1,024 weights become 320 (31%), "
        "as do multiply-adds"
    )


def test_layers_that_would_not_shrink_are_kept_and_named(tmp_path):
    planned = plan(tmp_path, rank=20)
    assert planned.changed == {"layers factorized": 1}
    assert planned.effects[1:] == (
        "kept: mix (two factors would be no smaller, its full rank being 16)",
        "kept: fc (two factors would be no smaller, its full rank being 10)",
        "kept: stem (has a kernel larger than 1)",
    )


def test_a_rank_that_is_no_less_than_any_layer_s_changes_nothing(tmp_path):
    planned = plan(tmp_path, rank=64)
    assert planned.changed == {"layers factorized": 0}
    assert planned.effects[0] == "no layer is factorized"
    assert planned.outputs["model"].layers == TABLE


def test_channels_between_the_two_are_a_group_that_can_be_pruned(tmp_path):
    table = plan(tmp_path, rank=8, include=["mix"]).outputs["model"].layers
    assert [(group.id, group.channels) for group in table.groups] == [
        *((0, 16), (1, 8), (2, 64), (3, 40), (4, 10))
    ]
    pruned = {row.name: row.weight for row in table.resized({1: 4, 2: 32}).layers}
    assert pruned["mix.reduce"].shape == (4, 16, 1, 1)
    assert pruned["mix.expand"].shape == (32, 4, 1, 1)
    assert pruned["hidden"].shape == (40, 32)


def test_with_energy_shapes_are_known_after_the_run(tmp_path):
    planned = plan(tmp_path, energy="90%")
    assert planned.outputs["model"].layers is UNKNOWN
    assert planned.changed == {"layers factorized": UNKNOWN}
    assert planned.effects[0] == "ranks of 3 layers are known after the run"


@pytest.mark.parametrize(
    ("how", "at"), [({}, ()), ({"rank": 4, "share": 0.5}, ("share",))], ids=["none", "two"]
)
def test_exactly_one_thing_decides_the_rank(how, at, tmp_path):
    with pytest.raises(OperatorError, match="is one of rank, share, parameters, energy") as caught:
        plan(tmp_path, **how)
    assert caught.value.at == at


@pytest.mark.parametrize("how", [{"rank": 0}, {"share": 1.0}, {"energy": 0.0}, {"parameters": 50}])
def test_an_amount_outside_its_range_is_refused(how):
    with pytest.raises(ValidationError):
        Svd.params.model_validate(how)


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        ("lstm", r"lstm \(LSTM\) is neither a linear layer nor a convolution"),
        ("stem", r"stem \(Conv2d\) has a kernel larger than 1"),
    ],
)
def test_a_selector_without_a_layer_to_factorize_is_an_error(selector, reason, tmp_path):
    with pytest.raises(OperatorError, match=reason) as caught:
        plan(tmp_path, rank=4, include=["fc", selector])
    assert caught.value.at == ("include", 1)


def test_a_shared_weight_is_an_error_where_it_is_selected_and_kept_otherwise(tmp_path):
    tied = LayerTable(
        layers=(
            layer("embed", "Linear", (64, 64), shared=("head",)),
            layer("fc", "Linear", (64, 64)),
        )
    )
    assert "kept: embed (shares its weight with head)" in plan(tmp_path, tied, rank=4).effects
    with pytest.raises(OperatorError, match="embed shares its weight with head") as caught:
        plan(tmp_path, tied, rank=4, include=["type:Linear"])
    assert (caught.value.at, caught.value.hint) == (("include",), "exclude 'embed'")


def test_a_model_that_cannot_be_analysed_keeps_one_group_of_all_channels(tmp_path):
    reason = "the module can't be analysed: ZeroDivisionError"
    bare = LayerTable(
        layers=(layer("a", "Linear", (64, 64)), layer("b", "Linear", (10, 64))),
        groups=(ChannelGroup(id=0, channels=74, protected=reason),),
    )
    table = plan(tmp_path, bare, rank=4, include=["a"]).outputs["model"].layers
    assert table.groups == (ChannelGroup(id=0, channels=78, protected=reason),)
