"""What is planned of a stage's outputs, in figures that a person compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from recipec.api import LayerTable, Unknown
from recipec.plan.changes import Change, changes, notation, same

UNKNOWN: Final = Unknown.UNKNOWN.value
"""How a fact that isn't known yet is written."""
_SUMS: Final = ("parameters", "multiply-adds", "bytes")
_NAMED: Final = 4
"""How many layers are named."""


def figure_changes(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    *,
    lenient: bool = False,
) -> list[Change]:
    """Say how the facts of outputs differ, given by port as JSON.

    When `lenient`, what is unknown on one side doesn't differ from anything.
    """
    said: list[Change] = []
    for port in sorted(before.keys() | after.keys()):
        old, new = before.get(port, {}), after.get(port, {})
        if same(old, new):
            continue
        prefix = f"{port}." if len(before.keys() | after.keys()) > 1 else ""
        for change in _facts(old, new):
            if lenient and UNKNOWN in (change.before, change.after):
                continue
            said.append(change.model_copy(update={"name": f"{prefix}{change.name}"}))
    return said


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    summed = sorted(changes(_figures(old), _figures(new)), key=_rank)
    yield from summed
    before, after = _rows(old), _rows(new)
    if not before or not after:
        return
    gone, come = [n for n in before if n not in after], [n for n in after if n not in before]
    if gone or come:
        yield Change(name="layers", before=_some(gone), after=_some(come))
    if not any(change.name in _SUMS for change in summed):  # the sums would hide it
        differing = [n for n in after if n in before and not same(before[n], after[n])]
        for name in differing[:_NAMED]:
            yield Change(name=f"layer {name}", before=_row(before[name]), after=_row(after[name]))


def _rank(change: Change) -> int:
    """Put what a model is and how large it is first."""
    first = ("kind", *_SUMS, "precision")
    return first.index(change.name) if change.name in first else len(first)


def _figures(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give facts with the layer table summed up, in the words of the plan."""
    shown: dict[str, Any] = {}
    for name, value in facts.items():
        if name == "layers":
            shown |= _totals(value)
        elif name in ("inputs", "outputs") and isinstance(value, list):
            shown[name] = [_tensor(one) for one in value]
        else:
            shown[name] = value
    return shown


def _totals(layers: Any) -> dict[str, Any]:
    if not isinstance(layers, dict):
        return dict.fromkeys(_SUMS, layers)
    try:
        table = LayerTable.model_validate(layers)
    except ValidationError:  # of another version; its rows are still compared
        return {}
    return dict(zip(_SUMS, (table.parameters, table.macs, table.bytes), strict=True))


def _rows(facts: Mapping[str, Any]) -> dict[str, Any]:
    layers = facts.get("layers")
    rows = layers.get("layers") if isinstance(layers, dict) else None
    if not isinstance(rows, list):
        return {}
    return {str(row.get("name")): row for row in rows if isinstance(row, dict)}


def _row(row: Mapping[str, Any]) -> str:
    """Write a layer so that whatever differs shows."""
    tensors = row.get("tensors")
    shapes = [_tensor(tensor) for tensor in tensors] if isinstance(tensors, list) else []
    rest = {name: value for name, value in row.items() if name not in ("name", "tensors")}
    return f"{notation(rest, 200)} {', '.join(map(str, shapes))}"


def _tensor(spec: Any) -> Any:
    if not isinstance(spec, dict) or not isinstance(spec.get("shape"), list):
        return spec
    shape = ", ".join(map(str, spec["shape"]))
    return f"{spec.get('name')}: [{shape}] {spec.get('dtype')}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more or "none"
