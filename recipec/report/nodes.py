"""The nodes of the plan one by one: stages, measurements, data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipec.report import formats
from recipec.report.context import Data, Made, Pair, Stage
from recipec.report.facts import LATER, NOTHING, compact, known, tensors
from recipec.report.measured import STATUS
from recipec.report.planned import compared_facts
from recipec.report.text import MESSAGE, clip, name
from recipec.run.record import DataRecord, StageRecord


def stage(record: StageRecord, anchor: str) -> Stage:
    """Show all that is known of a node."""
    return Stage(
        id=name(record.id),
        anchor=anchor,
        operator=name(f"{record.operator}@{record.version}"),
        plugin=name(record.plugin),
        badge=STATUS[record.status],
        reason=clip(record.reason),
        seconds=NOTHING if record.status in ("blocked", "not run") else _seconds(record),
        memory=NOTHING if record.peak_memory is None else formats.size(record.peak_memory),
        key=record.key or "",
        inputs=tuple(Pair(name(port), name(node)) for port, node in record.inputs.items()),
        params=pairs(record.params),
        made=tuple(_made(record)),
        effects=tuple(map(clip, record.effects)),
        changed=tuple(
            clip(f"{formats.exact(count)} {what}") for what, count in record.changed.items()
        ),
        notes=tuple(map(clip, record.notes)),
        error=None if record.error is None else clip(record.error, MESSAGE),
    )


def _seconds(record: StageRecord) -> str:
    return formats.duration(record.seconds)


def _made(record: StageRecord) -> Iterator[Made]:
    for port in dict.fromkeys((*record.planned, *record.made, *record.digests)):
        yield Made(
            name(port),
            formats.size(record.sizes[port]) if port in record.sizes else NOTHING,
            record.digests.get(port, ""),
            compared_facts(record.planned.get(port), record.made.get(port)),
        )


def pairs(values: Mapping[str, Any]) -> tuple[Pair, ...]:
    """Flatten nested parameters: `calibration.data` → `train`."""
    return tuple(Pair(name(key), clip(compact(value))) for key, value in _flat("", values))


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", value


def data(record: DataRecord) -> Data:
    """Show an entry of the recipe's `data:`."""
    facts = record.facts
    count, classes = facts.get("count"), facts.get("classes")
    return Data(
        name=name(record.name),
        operator=name(record.operator),
        count=formats.exact(count) if isinstance(count, int) else LATER,
        inputs=clip(tensors(facts.get("inputs"))),
        classes=NOTHING if classes is None else str(classes) if known(classes) else LATER,
        params=pairs(record.params),
        digest=record.digest,
    )
