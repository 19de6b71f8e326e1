"""The layers of all models in a compact form, so that a reader can compare any two of them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any, Final

from recipec.api import Layer, LayerTable, Metric, Unknown
from recipec.report import formats
from recipec.report.context import LayerData
from recipec.report.layers import dtype, pairs, shape
from recipec.report.measured import Table
from recipec.report.metrics import BY_LAYER, label
from recipec.report.text import clip, name

BUDGET: Final = 3_000_000
"""Bytes, compressed, beyond which only the models that the page begins with are embedded."""


def layer_data(table: Table) -> LayerData | None:
    """Give the layers of every model that was made, None where no two models can be compared."""
    made = {stage: model.layers for stage, model in table.models.items()}
    layers = {stage: found for stage, found in made.items() if found is not None}
    chosen = pairs(table)
    if not chosen:
        return None
    text = _encode(table, layers, chosen[0])
    note = ""
    if len(zlib.compress(text.encode(), 6)) > BUDGET:
        ends = dict.fromkeys(stage for pair in chosen for stage in pair)
        left = len(layers) - len(ends)
        text = _encode(table, {stage: layers[stage] for stage in ends}, chosen[0])
        note = f"{formats.some(left, 'model')} left out, as the page would get too large"
    return LayerData(text, note)


def by_layer(metrics: dict[str, Metric]) -> dict[str, dict[str, Metric]]:
    """Give what was measured layer by layer: by name of the metric, then by name of the layer."""
    found: dict[str, dict[str, Metric]] = {}
    for exact, metric in metrics.items():
        head, separator, layer = exact.partition(BY_LAYER)
        if separator:
            found.setdefault(head, {})[layer] = metric
    return found


class _Positions(dict[Any, int]):
    """Gives each value the position at which it came first."""

    def __missing__(self, value: Any) -> int:
        self[value] = len(self)
        return self[value]


def _encode(table: Table, layers: dict[str, LayerTable], pair: tuple[str, str]) -> str:
    names, rows = _Positions(), _Positions()
    measured = {stage: by_layer(table.measured.get(stage, {})) for stage in layers}
    heads = list(dict.fromkeys(head for found in measured.values() for head in found))
    units = [
        next(m.unit for f in measured.values() for m in f.get(head, {}).values()) for head in heads
    ]
    models = []
    for stage, found in layers.items():
        values = {
            heads.index(head): {
                names[clip(layer, 200).short]: metric.value for layer, metric in metrics.items()
            }
            for head, metrics in measured[stage].items()
        }
        positions = [rows[_row(layer, names)] for layer in found.layers]
        models.append({"stage": name(stage).short, "rows": positions, "values": values})
    order = list(layers)
    return json.dumps(
        {
            "names": list(names),
            "rows": [list(row) for row in rows],
            "models": models,
            "measured": [[clip(label(h), 60).short, u] for h, u in zip(heads, units, strict=True)],
            "before": order.index(pair[0]),
            "after": order.index(pair[1]),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _row(layer: Layer, names: _Positions) -> Sequence[int]:
    zeros = LayerTable(layers=(layer,)).zeros
    texts = [
        names[clip(text, 200).short]
        for text in (layer.name, layer.type, shape(layer), dtype(layer))
    ]
    folds = -1 if layer.folds_into is None else names[clip(layer.folds_into, 200).short]
    known = -1 if isinstance(zeros, Unknown) else zeros
    return (*texts, folds, layer.parameters, layer.macs, layer.bytes, known)
