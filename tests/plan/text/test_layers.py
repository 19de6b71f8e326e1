"""What happens to each layer: rows before → after, bounded, and fit for the page."""

import pytest

from recipec.api import Layer, LayerTable, Tensor, TorchModule
from recipec.plan.layer_changes import layer_changes
from recipec.plan.model import Edge, Node, Plan
from recipec.plan.text import Page
from recipec.plan.text.layers import LIMIT, layers_text


def conv(name, out, dtype="float32", zeros=0, **more):
    weight = Tensor(name="weight", shape=(out, 3, 3, 3), dtype=dtype, zeros=zeros)
    return Layer(name=name, type="Conv2d", tensors=(weight,), positions=64, **more)


def norm(name, channels, **more):
    weight = Tensor(name="weight", shape=(channels,), dtype="float32")
    return Layer(name=name, type="BatchNorm2d", tensors=(weight,), **more)


def node(id, layers, before=None):
    facts = TorchModule(layers=LayerTable(layers=tuple(layers))) if layers else TorchModule()
    return Node.model_construct(
        id=id,
        role="stage" if before else "model",
        outputs={"model": facts},
        inputs={"model": Edge(node=before, port="model")} if before else {},
    )


def plan(*nodes):
    return Plan.model_construct(name="p", nodes=nodes)


BEFORE = (conv("conv1", 16), norm("bn1", 16, folds_into="conv1"), conv("conv2", 16))
AFTER = (conv("conv1", 8, "int8", zeros=54), conv("conv2", 16), conv("extra", 4))


def changes():
    return layer_changes(plan(node("model", BEFORE), node("small", AFTER, "model")))


def test_a_layer_changes_stays_goes_or_is_new():
    source, small = changes().stages
    assert {row.fate for row in source.layers} == {"new"}
    assert {row.name: row.fate for row in small.layers} == {
        "conv1": "changed", "bn1": "gone", "conv2": "same", "extra": "new"
    }  # fmt: skip
    assert (small.takes, small.stage) == ("model", "small")


def test_figures_are_those_before_and_after():
    row = changes().stages[1].layers[0]
    assert (row.before.shape, row.after.shape) == ((16, 3, 3, 3), (8, 3, 3, 3))
    assert (row.before.dtype, row.after.dtype) == ("float32", "int8")
    assert (row.before.macs, row.after.macs) == (27_648, 13_824)


def test_the_table_shows_only_what_changes():
    lines = [" ".join(line.split()) for line in layers_text(changes(), Page(140)).splitlines()]
    assert lines[6:] == [
        "model → small: 3 of 4 layers change",
        "layer type shape dtype parameters multiply-adds sparsity",
        "conv1 Conv2d 16×3×3×3 → 8×3×3×3 float32 → int8 432 → 216 27,648 → 13,824 0.0% → 25.0%",
        "bn1 BatchNorm2d folds into conv1",
        "extra Conv2d 4×3×3×3 float32 108 6,912 0.0%",
        "1 as before",
    ]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_table_that_is_too_wide_takes_two_lines_for_a_layer(width):
    for line in layers_text(changes(), Page(width)).splitlines():
        assert len(line) <= width


def test_a_dtype_that_all_layers_have_is_said_once():
    text = layers_text(changes(), Page(140))
    assert text.startswith("model: 3 layers, float32\n")
    assert text.count("float32") == 3


def test_a_stage_that_changes_no_layer_is_not_there():
    same = layer_changes(plan(node("model", BEFORE), node("trained", BEFORE, "model")))
    assert [stage.stage for stage in same.stages] == ["model"]


def test_layers_that_nobody_knows_yet_are_known_after_the_stage():
    text = layers_text(layer_changes(plan(node("model", BEFORE), node("engine", (), "model"))))
    assert "model → engine: layers (known after engine)" in text


def test_a_huge_model_is_cut_and_says_where_the_rest_is():
    many = [conv(f"conv{n}", 8) for n in range(LIMIT + 50)]
    text = layers_text(layer_changes(plan(node("model", many))))
    assert f"conv{LIMIT - 1} " in text
    assert f"conv{LIMIT} " not in text
    assert "50 more: `--format json` has them all" in text


def test_a_plan_without_layers_says_so():
    assert layers_text(layer_changes(plan())) == ("no stage makes a model whose layers are known\n")
