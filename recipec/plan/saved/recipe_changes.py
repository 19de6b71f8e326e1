"""How a recipe differs from the one that was reviewed: each independent change, at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from recipec.diagnostics import Diagnostic
from recipec.plan.changes import Change
from recipec.plan.diff.compare import Comparison, Entry, Lines, compare
from recipec.plan.diff.snapshot import gate_line, snapshot
from recipec.plan.planning import Planning
from recipec.plan.saved.written import WrittenNode, WrittenPlan
from recipec.recipe import Recipe
from recipec.source import Path

SINCE: Final = "since the review"
_CODES: Final[Mapping[str, str]] = {"version": "changed-version"}


class _Told(NamedTuple):
    message: str
    at: Path
    code: str = "changed-recipe"


def recipe_changes(before: WrittenPlan, now: WrittenPlan, planning: Planning) -> list[Diagnostic]:
    """Say how what the recipe asks for differs, in the words of `recipec diff`.

    Several parameters that take their value from one variable are one change.
    """
    compared = compare(snapshot(before, "plan", "", {}), snapshot(now, "plan", "", {}))
    recipe = planning.recipe
    groups: dict[object, list[_Told]] = {}
    for told in _told(compared, now, recipe):
        origin = recipe.place(told.at).origin
        groups.setdefault(origin or len(groups), []).append(told)
    return [
        recipe.error(
            group[0].code, f"{'; '.join(told.message for told in group)} {SINCE}", group[0].at
        )
        for group in groups.values()
    ]


def _told(compared: Comparison, now: WrittenPlan, recipe: Recipe) -> Iterator[_Told]:
    for change in compared.recipe:
        yield _Told(str(change), (change.name,))
    rewired = {entry.id for entry in compared.stages if entry.status != "changed" or entry.moved}
    for entry in compared.data:
        node = now.by_id.get(f"data.{entry.id}")
        yield from _entry(f"data {entry.id}", ("data",), entry, node, rewired)
    for entry in compared.stages:
        yield from _entry(entry.id, ("stages",), entry, now.by_id.get(entry.id), rewired)
    measuring = {node.operator: node for node in now.nodes if node.role == "measure"}
    for entry in compared.measurements:
        node = measuring.get(entry.id)
        yield from _entry(f"the measurement {entry.id}", ("measure",), entry, node, rewired)
    yield from _gates(compared.gates, now)
    if compared.outputs.removed or compared.outputs.added:
        outputs = Change(
            name="outputs", before=compared.outputs.removed, after=compared.outputs.added
        )
        yield _Told(str(outputs), ("outputs",))


def _gates(lines: Lines, now: WrittenPlan) -> Iterator[_Told]:
    """Say which gates are gone or new; another condition on the same metric is one change."""
    places = {gate_line(gate, now.baseline): gate.at for gate in now.gates}
    gone = {_judged(line): line for line in lines.removed}
    for line in lines.added:
        before = gone.pop(_judged(line), None)
        if before is None:
            yield _Told(f"the gate {line} is new", places[line])
        else:
            condition = line.removeprefix(f"{_judged(line)} ")
            yield _Told(f"the gate {before} → {condition}", places[line])
    for line in lines.removed:
        if line in gone.values():
            yield _Told(f"the gate {line} is gone", ("gates",))


def _judged(line: str) -> str:
    """Give the part of a gate's line that says what is judged: stage and metric."""
    return " ".join(line.split(" ")[:2])


def _entry(
    label: str, at: Path, entry: Entry, node: WrittenNode | None, rewired: set[str]
) -> Iterator[_Told]:
    at = at if node is None else node.at
    if entry.status != "changed":
        yield _Told(f"{label} is {'new' if entry.status == 'added' else 'gone'}", at)
        return
    if entry.moved is not None:
        was, is_ = entry.moved.before or "nothing", entry.moved.after or "nothing"
        yield _Told(f"{label} moved from behind {was} to behind {is_}", at)
    for change in entry.changes:
        if change.name.startswith("input "):
            if not rewired & {entry.id, change.before, change.after}:
                yield _Told(f"{label}: {change}", (*at, "needs"))
        elif change.name in ("operator", "version"):
            code = _CODES.get(change.name, "changed-recipe")
            yield _Told(f"{label} ({entry.operator}): {change}", (*at, "uses"), code)
        else:
            place = (*at, "with", *change.name.split("."))
            yield _Told(f"{label} ({entry.operator}): {change}", place)
