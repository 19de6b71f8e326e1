"""What the plan said of each artifact, against what was made."""

from __future__ import annotations

from typing import Any, Final

from recipec.api import UNKNOWN, LayerTable, Unknown
from recipec.report import formats
from recipec.report.context import Badge, Compared, PlannedRow, Text
from recipec.report.facts import LATER, NOTHING, JsonFacts, MadeModel, fact
from recipec.report.measured import Table
from recipec.report.text import clip, name

EQUAL: Final = Badge("equal", "good")
DIFFERS: Final = Badge("differs", "bad")
UNPLANNED: Final = Badge("not planned", "quiet")
UNKNOWN_MADE: Final = Badge("unknown", "quiet")
NOT_MADE: Final = Badge("not made", "quiet")


def planned_rows(table: Table, models: list[MadeModel]) -> tuple[PlannedRow, ...]:
    """Compare sizes, layer shapes and all other facts, model by model."""
    rows = []
    for model in models:
        facts = _columns(model)
        ports = set(model.stage.planned) | set(model.stage.made)
        stage = model.stage.id if len(ports) < 2 else f"{model.stage.id}.{model.port}"
        verdicts = [f.verdict for f in facts]
        overall = next((v for v in (DIFFERS, NOT_MADE, EQUAL) if v in verdicts), UNPLANNED)
        rows.append(PlannedRow(name(stage), table.anchor(model.stage.id), facts, overall))
    return tuple(rows)


def _columns(model: MadeModel) -> tuple[Compared, ...]:
    planned, made = model.planned_layers, model.layers
    return (
        _number("Parameters", "parameters", model, planned, made),
        _number("Multiply-adds", "macs", model, planned, made),
        _number("Weight bytes", "bytes", model, planned, made),
        _number("Zeros", "zeros", model, planned, made),
        _list("Layer shapes", "layer", model, _signatures(planned), _signatures(made)),
        _others(model),
    )


def _number(
    label: str,
    attribute: str,
    model: MadeModel,
    planned: LayerTable | None,
    made: LayerTable | None,
) -> Compared:
    before, after = _count(planned, attribute), _count(made, attribute)
    return Compared(
        label,
        Text(LATER if before is None else formats.exact(before)),
        Text(_nothing(model) if after is None else formats.exact(after)),
        _verdict(model, before, after),
    )


def _count(layers: LayerTable | None, attribute: str) -> int | None:
    """Give a sum over a layer table, None where it isn't known."""
    value = UNKNOWN if layers is None else getattr(layers, attribute)
    return None if isinstance(value, Unknown) else int(value)


def _list(
    label: str, what: str, model: MadeModel, planned: list[Any] | None, made: list[Any] | None
) -> Compared:
    """Compare entry by entry, in order."""
    said = _nothing(model)
    if made is not None:
        same = sum(one == other for one, other in zip(planned or (), made, strict=False))
        said = formats.some(len(made), what) if planned is None else _equal(same, len(made))
    return Compared(
        label,
        Text(LATER if planned is None else formats.some(len(planned), what)),
        Text(said),
        _verdict(model, planned, made),
    )


def _equal(same: int, of: int) -> str:
    return f"all {of} equal" if same == of else f"{same} of {of} equal"


def _others(model: MadeModel) -> Compared:
    """Count the facts that have no column of their own: kind, inputs, precision, opset, …"""
    facts = [f for f in compared_facts(model.planned, model.made) if f.verdict != UNPLANNED]
    planned = [f.planned for f in facts]
    made = None if model.made is None else [f.made for f in facts]
    return _list("Other facts", "fact", model, planned, made)


def _signatures(layers: LayerTable | None) -> list[Any] | None:
    """Give each layer's name and its tensors' names, shapes and dtypes."""
    if layers is None:
        return None
    return [
        (layer.name, layer.positions, [(t.name, t.shape, t.dtype) for t in layer.tensors])
        for layer in layers.layers
    ]


def _nothing(model: MadeModel) -> str:
    return NOTHING if model.made is None else UNKNOWN_MADE.word


def _verdict(model: MadeModel, planned: Any, made: Any) -> Badge:
    if made is None:
        return NOT_MADE if model.made is None else UNKNOWN_MADE
    if planned is None:
        return UNPLANNED
    return EQUAL if planned == made else DIFFERS


def compared_facts(planned: JsonFacts | None, made: JsonFacts | None) -> tuple[Compared, ...]:
    """Compare all facts of an artifact but its layers, which have a table of their own."""
    rows = []
    for key in dict.fromkeys((*(planned or ()), *(made or ()))):
        if key == "layers":
            continue
        before = fact(key, planned[key]) if planned and key in planned else NOTHING
        after = fact(key, made[key]) if made and key in made else NOTHING
        if {before, after} <= {"none", NOTHING}:
            continue
        if made is None:
            verdict = NOT_MADE
        elif before in (LATER, NOTHING):
            verdict = UNPLANNED
        else:
            verdict = EQUAL if before == after else DIFFERS
        rows.append(Compared(key, clip(before), clip(after), verdict))
    return tuple(rows)
