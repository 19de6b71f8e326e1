"""Compare two snapshots: stages by their id, and in each what went in, what is planned, and what
was measured."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from recipec.api import Frozen
from recipec.plan.changes import Change, changes, same
from recipec.plan.diff.figures import figure_changes
from recipec.plan.diff.moves import moved
from recipec.plan.diff.snapshot import Measuring, NodeSnapshot, Snapshot

FORMAT: Final = "recipec.diff/v1"


class Side(Frozen):
    """What is compared: a recipe, a plan or a run, and its path."""

    kind: Literal["recipe", "plan", "run"]
    name: str


class Move(Frozen):
    """Behind which stage something comes; None at the beginning."""

    before: str | None
    after: str | None


class MetricChange(Frozen):
    """One measured number on both sides.

    `overlap` says whether the confidence intervals have something in common, None where one side
    has no interval.
    """

    name: str
    unit: str
    before: float | None
    after: float | None
    overlap: bool | None = None


class Entry(Frozen):
    """What became of data or a stage; `changes` are its own, `figures` those of what is planned
    of its outputs (made, between two runs), which may follow from what comes before it."""

    id: str
    operator: str
    status: Literal["added", "removed", "changed"]
    moved: Move | None = None
    changes: tuple[Change, ...] = ()
    figures: tuple[Change, ...] = ()
    metrics: tuple[MetricChange, ...] = ()


class Lines(Frozen):
    """Entries of a list that only one side has."""

    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class Comparison(Frozen):
    """How `after` differs from `before`."""

    format: Literal["recipec.diff/v1"] = FORMAT
    before: Side
    after: Side
    recipe: tuple[Change, ...] = ()
    data: tuple[Entry, ...] = ()
    stages: tuple[Entry, ...] = ()
    measurements: tuple[Entry, ...] = ()
    gates: Lines = Lines()
    outputs: Lines = Lines()
    versions: tuple[Change, ...] = ()
    verdicts: tuple[Change, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self == Comparison(before=self.before, after=self.after)


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """Say how two snapshots differ."""
    versions = {n: before.versions[n] for n in before.versions if n in after.versions}
    alike = all(same(value, after.versions[name]) for name, value in versions.items())
    runs = before.kind == after.kind == "run"
    lenient = "run" in (before.kind, after.kind) and not runs

    def nodes(old: Mapping[str, NodeSnapshot], new: Mapping[str, NodeSnapshot]) -> Iterator[Entry]:
        movements = _movements(list(old), list(new))
        for id in _in_order(old, new):
            entry = _entry(id, old.get(id), new.get(id), movements.get(id), runs, lenient, alike)
            if entry is not None:
                yield entry

    return Comparison(
        before=Side(kind=before.kind, name=before.name),
        after=Side(kind=after.kind, name=after.name),
        recipe=tuple(changes(before.recipe, after.recipe)),
        data=tuple(nodes(before.data, after.data)),
        stages=tuple(nodes(before.stages, after.stages)),
        measurements=tuple(_measurements(before, after)),
        gates=_lines(before.gates, after.gates),
        outputs=_lines(before.outputs, after.outputs),
        versions=tuple(changes(versions, {name: after.versions[name] for name in versions})),
        verdicts=tuple(_verdicts(before.verdicts, after.verdicts)),
    )


def _in_order(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Give the names of both: the new side's in its order, what is gone where it had been."""
    order: list[str] = []
    behind: dict[str | None, list[str]] = {}
    last: str | None = None
    for name in old:
        if name in new:
            last = name
        else:
            behind.setdefault(last, []).append(name)
    order += behind.get(None, [])
    for name in new:
        order += [name, *behind.get(name, [])]
    return order


def _movements(old: Sequence[str], new: Sequence[str]) -> dict[str, Move]:
    def predecessors(names: Sequence[str]) -> dict[str, str | None]:
        return dict(zip(names, (None, *names), strict=False))

    were, are = predecessors(old), predecessors(new)
    return {id: Move(before=were[id], after=are[id]) for id in moved(old, new)}


def _entry(
    id: str,
    old: NodeSnapshot | None,
    new: NodeSnapshot | None,
    move: Move | None,
    runs: bool,
    lenient: bool,
    alike: bool,
) -> Entry | None:
    if old is None or new is None:
        (node,) = filter(None, (old, new))
        return Entry(id=id, operator=node.operator, status="added" if old is None else "removed")
    own = tuple(_own(old, new, alike))
    facts = (old.made, new.made) if runs else (old.planned, new.planned)
    figures = figure_changes(*facts, lenient=lenient)
    entry = Entry(
        id=id,
        operator=new.operator,
        status="changed",
        moved=move,
        changes=own,
        figures=tuple(change for change in figures if change not in own),
        metrics=tuple(_metrics(old.metrics, new.metrics)) if runs else (),
    )
    return entry if (own or move or entry.figures or entry.metrics) else None


def _own(old: NodeSnapshot, new: NodeSnapshot, alike: bool) -> Iterator[Change]:
    """Say what of a node's own differs: all that goes into its key but the input's content."""
    if old.operator != new.operator:
        yield Change(name="operator", before=old.operator, after=new.operator)
    if None not in (old.version, new.version) and old.version != new.version:
        yield Change(name="version", before=old.version, after=new.version)
    parameters = list(changes(old.params, new.params))
    yield from parameters
    named = {change.name for change in parameters}
    yield from input_changes(old.inputs, new.inputs, named)
    contents = [
        Change(name=name, before=old.content[name], after=new.content[name], content=True)
        for name in sorted(old.content.keys() & new.content.keys())
        if old.content[name] != new.content[name]
    ]
    yield from contents
    digests = old.digest, new.digest
    if not (parameters or contents) and alike and all(digests) and old.digest != new.digest:
        yield Change(name="samples", before=old.digest, after=new.digest, content=True)


def input_changes(
    old: Mapping[str, str], new: Mapping[str, str], parameters: set[str]
) -> Iterator[Change]:
    """Say which inputs come from elsewhere; one that a parameter names goes by the parameter."""
    for change in changes(old, new):
        if change.name not in parameters:
            yield change.model_copy(update={"name": f"input {change.name}"})


def _measurements(before: Snapshot, after: Snapshot) -> Iterator[Entry]:
    common = before.stages.keys() & after.stages.keys()
    old, new = before.measurements, after.measurements
    for operator in _in_order(old, new):
        if operator in old and operator in new:
            own = tuple(_measuring(old[operator], new[operator], common))
            if own:
                yield Entry(id=operator, operator=operator, status="changed", changes=own)
        else:
            status: Literal["added", "removed"] = "added" if operator in new else "removed"
            yield Entry(id=operator, operator=operator, status=status)


def _measuring(old: Measuring, new: Measuring, common: set[str]) -> Iterator[Change]:
    """Say how a measurement differs; on a stage that only one side has, it can't be otherwise."""
    if old.version != new.version:
        yield Change(name="version", before=old.version, after=new.version)
    yield from changes(old.params, new.params)
    if old.on & common != new.on & common:
        yield Change(name="on", before=sorted(old.on & common), after=sorted(new.on & common))


def _lines(before: Sequence[str], after: Sequence[str]) -> Lines:
    old, new = set(before), set(after)
    return Lines(
        removed=tuple(line for line in before if line not in new),
        added=tuple(line for line in after if line not in old),
    )


def _verdicts(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for gate in before:
        if gate in after and before[gate] != after[gate]:
            yield Change(name=gate, before=before[gate], after=after[gate])


def _metrics(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Iterator[MetricChange]:
    for name in _in_order(old, new):
        before, after = old.get(name), new.get(name)
        values = [None if metric is None else metric["value"] for metric in (before, after)]
        if values[0] != values[1]:
            known = before or after or {}
            yield MetricChange(
                name=name,
                unit=known["unit"],
                before=values[0],
                after=values[1],
                overlap=_overlap(before, after),
            )


def _overlap(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> bool | None:
    ours, theirs = (metric and metric.get("interval") for metric in (old, new))
    if not ours or not theirs:
        return None
    return bool(ours["low"] <= theirs["high"] and theirs["low"] <= ours["high"])
