"""What the plan said of each artifact, against what was made."""

from __future__ import annotations

from typing import Any, Final

from recipec.api import LayerTable
from recipec.report import formats
from recipec.report.context import Badge, Compared, PlannedRow, Text
from recipec.report.facts import LATER, NOTHING, JsonFacts, MadeModel, fact, layer_table
from recipec.report.measured import Table
from recipec.report.text import clip, name

EQUAL: Final = Badge("equal", "good")
DIFFERS: Final = Badge("differs", "bad")
NOT_PLANNED: Final = Badge("not planned", "quiet")
NOT_MADE: Final = Badge("not made", "quiet")


def planned_rows(table: Table, models: list[MadeModel]) -> tuple[PlannedRow, ...]:
    """Compare parameters, multiply-adds, weight bytes and layer shapes, model by model."""
    rows = []
    for model in models:
        facts = _sizes(model)
        ports = set(model.stage.planned) | set(model.stage.made)
        stage = model.stage.id if len(ports) < 2 else f"{model.stage.id}.{model.port}"
        verdicts = [f.verdict for f in facts]
        overall = next((v for v in (DIFFERS, NOT_MADE, EQUAL) if v in verdicts), NOT_PLANNED)
        rows.append(PlannedRow(name(stage), table.anchor(model.stage.id), facts, overall))
    return tuple(rows)


def _sizes(model: MadeModel) -> tuple[Compared, ...]:
    planned, made = layer_table(model.planned), model.layers
    return (
        _number("Parameters", planned, made, "parameters"),
        _number("Multiply-adds", planned, made, "macs"),
        _number("Weight bytes", planned, made, "bytes"),
        _shapes(planned, made, planned_at_all=model.planned is not None),
    )


def _number(
    label: str, planned: LayerTable | None, made: LayerTable | None, attribute: str
) -> Compared:
    before = getattr(planned, attribute) if planned else None
    after = getattr(made, attribute) if made else None
    return Compared(
        label,
        Text(LATER if before is None else formats.exact(before)),
        Text(NOTHING if after is None else formats.exact(after)),
        _verdict(before, after),
    )


def _shapes(
    planned: LayerTable | None, made: LayerTable | None, *, planned_at_all: bool
) -> Compared:
    """Compare each layer's name and its tensors' names, shapes and dtypes, in order."""
    before, after = _signatures(planned), _signatures(made)
    if before is None or after is None:
        text = [NOTHING if s is None else f"{len(s)} layers" for s in (before, after)]
        return Compared(
            "Layer shapes",
            Text(LATER if before is None else text[0]),
            Text(text[1]),
            _verdict(before, after),
        )
    same = sum(one == other for one, other in zip(before, after, strict=False))
    return Compared(
        "Layer shapes",
        Text(f"{len(before)} layers"),
        Text(f"{same} of {len(after)} equal"),
        _verdict(before, after),
    )


def _signatures(layers: LayerTable | None) -> list[Any] | None:
    if layers is None:
        return None
    return [
        (layer.name, layer.positions, [(t.name, t.shape, t.dtype) for t in layer.tensors])
        for layer in layers.layers
    ]


def _verdict(planned: Any, made: Any) -> Badge:
    if made is None:
        return NOT_MADE
    if planned is None:
        return NOT_PLANNED
    return EQUAL if planned == made else DIFFERS


def compared_facts(planned: JsonFacts | None, made: JsonFacts | None) -> tuple[Compared, ...]:
    """Compare all facts of an artifact but its layers, which have a table of their own."""
    rows = []
    for key in dict.fromkeys((*(planned or ()), *(made or ()))):
        if key == "layers":
            continue
        before = fact(key, planned[key]) if planned and key in planned else NOTHING
        after = fact(key, made[key]) if made and key in made else NOTHING
        if before == after == "none":
            continue
        verdict = _verdict(
            None if before in (LATER, NOTHING) else before, None if made is None else after
        )
        rows.append(Compared(key, clip(before), clip(after), verdict))
    return tuple(rows)
