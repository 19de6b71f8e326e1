"""The layers of the baseline against those of each output."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from recipec.api import Layer, LayerTable, Unknown
from recipec.report import formats
from recipec.report.context import LayerRow, Layers, Shift, Text
from recipec.report.facts import NOTHING
from recipec.report.measured import Table, promises
from recipec.report.text import clip, name

LIMIT: Final = 600
"""Rows of one table; a report stays a page that opens at once."""


def layer_tables(table: Table) -> tuple[Layers, ...]:
    """Compare the baseline's layers with those of each output (or of the last model made)."""
    found = []
    for one, other in pairs(table):
        before, after = table.models[one].layers, table.models[other].layers
        if before is not None and after is not None:
            found.append(_compare(name(one), name(other), before, after))
    return tuple(found)


def pairs(table: Table) -> list[tuple[str, str]]:
    """Give the models to compare: the baseline with each output, or with the last model made."""
    before = table.models.get(table.baseline or "")
    if before is None or before.layers is None:
        return []
    made = [
        stage
        for stage, model in table.models.items()
        if model.layers is not None and stage != table.baseline
    ]
    chosen = [stage for stage in promises(table.record) if stage in made] or made[-1:]
    return [(before.stage.id, stage) for stage in chosen]


def _compare(before_name: Text, after_name: Text, before: LayerTable, after: LayerTable) -> Layers:
    later = {layer.name: layer for layer in after.layers}
    earlier = {layer.name for layer in before.layers}
    rows = [_row(one.name, one, later.get(one.name)) for one in before.layers]
    rows += [_row(layer.name, None, layer) for layer in after.layers if layer.name not in earlier]
    note = formats.some(len(rows), "layer")
    if len(rows) > LIMIT:
        note += f"; the first {LIMIT:,} are shown, all of them are in run.json"
    return Layers(before_name, after_name, tuple(rows[:LIMIT]), _total(before, after), note)


def _row(id: str, before: Layer | None, after: Layer | None) -> LayerRow:
    one, other = _cells(before), _cells(after)
    if before is None or after is None:
        # Only one of the two is there: its text values stand alone, its counts against none.
        shifts = {key: Shift(clip(v, 100).short, None) for key, v in (one or other).items()}
    else:
        shifts = {key: _shift(value, other[key]) for key, value in one.items()}
    row = LayerRow(
        name=name(id),
        fate="",
        parameters=_count(
            before.parameters if before else None, after.parameters if after else None
        ),
        macs=_count(before.macs if before else None, after.macs if after else None),
        bytes=_count(before.bytes if before else None, after.bytes if after else None),
        **shifts,
    )
    return replace(row, fate=_fate(before, after, row))


def _fate(before: Layer | None, after: Layer | None, row: LayerRow) -> str:
    if before is None:
        return "new"
    if after is None:
        return clip(f"folded into {before.folds_into}" if before.folds_into else "gone", 100).short
    shifts = (row.shape, row.dtype, row.parameters, row.macs, row.bytes)
    return "changed" if any(shift.after is not None for shift in shifts) else "same"


def _cells(layer: Layer | None) -> dict[str, str]:
    if layer is None:
        return {}
    return {
        "type": layer.type,
        "shape": shape(layer),
        "dtype": dtype(layer),
        "sparsity": _sparsity(layer),
    }


def _total(before: LayerTable, after: LayerTable) -> LayerRow:
    none = Shift("", None)
    return LayerRow(
        name=Text("all layers"),
        fate="",
        type=none,
        shape=none,
        dtype=none,
        parameters=_count(before.parameters, after.parameters),
        macs=_count(before.macs, after.macs),
        bytes=_count(before.bytes, after.bytes),
        sparsity=_shift(
            _fraction(before.zeros, before.parameters),
            _fraction(after.zeros, after.parameters),
        ),
    )


def _shift(before: str, after: str) -> Shift:
    one, other = clip(before, 100).short, clip(after, 100).short
    return Shift(one, None if one == other else other)


def _count(before: int | None, after: int | None) -> Shift:
    if before is None or after is None:
        one = NOTHING if before is None else formats.exact(before)
        other = NOTHING if after is None else formats.exact(after)
        return Shift(one, other, after or 0)
    one, other = formats.exact(before), formats.exact(after)
    return Shift(one, None if one == other else other, after)


def shape(layer: Layer) -> str:
    """Write the shape of a layer's weight."""
    weight = layer.weight
    if weight is None:
        return NOTHING
    return "×".join(map(str, weight.shape)) or "scalar"


def dtype(layer: Layer) -> str:
    """Give the dtype of a layer's weight, or of its first parameter."""
    tensor = layer.weight or next((t for t in layer.tensors if t.role == "parameter"), None)
    return tensor.dtype if tensor else NOTHING


def _sparsity(layer: Layer) -> str:
    return _fraction(LayerTable(layers=(layer,)).zeros, layer.parameters)


def _fraction(zeros: int | Unknown, elements: int) -> str:
    if isinstance(zeros, Unknown) or not elements:
        return NOTHING
    return f"{100 * zeros / elements:.1f}\u00a0%"
