"""What each stage does to each layer: the layer table before → after."""

from collections.abc import Iterator
from typing import Final, Literal

from recipec.api import UNKNOWN, Frozen, Layer, LayerTable, Model, Unknown
from recipec.plan.model import Node, Plan

FORMAT: Final = "recipec.layers/v1"

Fate = Literal["same", "changed", "gone", "new"]


class LayerFigures(Frozen):
    """One layer at one time. Shape and dtype are those of its weight, else of its first parameter;
    `zeros` counts zero elements among its parameters."""

    type: str
    shape: tuple[int, ...]
    dtype: str
    parameters: int
    macs: int
    zeros: int | Unknown


class LayerChange(Frozen):
    """What becomes of a layer; `folds_into` names the layer that one that goes is folded into."""

    name: str
    fate: Fate
    before: LayerFigures | None = None
    after: LayerFigures | None = None
    folds_into: str | None = None


class StageLayers(Frozen):
    """The layers of what a stage makes, against those of what it takes from the stage `takes`.

    The model's source takes nothing. `layers` is UNKNOWN where the plan can't know them.
    """

    stage: str
    takes: str | None
    layers: tuple[LayerChange, ...] | Unknown


class LayerChanges(Frozen):
    """The stages of a plan that change layers, in its order; one that changes none isn't there."""

    format: Literal["recipec.layers/v1"] = FORMAT
    name: str
    stages: tuple[StageLayers, ...]


def layer_changes(plan: Plan) -> LayerChanges:
    """Compare the layer tables of all stages that make a model with those of what they take."""
    return LayerChanges(name=plan.name, stages=tuple(_stages(plan)))


def _stages(plan: Plan) -> Iterator[StageLayers]:
    for node in plan.stages:
        if node.model is None:
            continue
        takes, before = _before(node, plan)
        after = node.model.layers
        if isinstance(after, Unknown):
            yield StageLayers(stage=node.id, takes=takes, layers=UNKNOWN)
        elif after is not before:
            rows = tuple(_rows(before, after))
            if any(row.fate != "same" for row in rows):
                yield StageLayers(stage=node.id, takes=takes, layers=rows)


def _before(node: Node, plan: Plan) -> tuple[str | None, LayerTable | None]:
    for edge in node.inputs.values():
        facts = plan.by_id[edge.node].outputs.get(edge.port)
        if isinstance(facts, Model):
            return edge.node, None if isinstance(facts.layers, Unknown) else facts.layers
    return None, None


def _rows(before: LayerTable | None, after: LayerTable) -> Iterator[LayerChange]:
    old = {layer.name: layer for layer in before.layers} if before is not None else {}
    new = {layer.name: layer for layer in after.layers}
    for name, layer in old.items():
        one, other = _figures(layer), new.get(name)
        if other is None:
            yield LayerChange(name=name, fate="gone", before=one, folds_into=layer.folds_into)
        else:
            made = _figures(other)
            fate: Fate = "same" if one == made else "changed"
            yield LayerChange(name=name, fate=fate, before=one, after=made)
    for name, layer in new.items():
        if name not in old:
            yield LayerChange(name=name, fate="new", after=_figures(layer))


def _figures(layer: Layer) -> LayerFigures:
    shown = layer.weight or next((t for t in layer.tensors if t.role == "parameter"), None)
    return LayerFigures(
        type=layer.type,
        shape=shown.shape if shown else (),
        dtype=shown.dtype if shown else "",
        parameters=layer.parameters,
        macs=layer.macs,
        zeros=LayerTable(layers=(layer,)).zeros,
    )
