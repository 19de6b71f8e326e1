"""A comparison as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from recipec.plan.changes import Change
from recipec.plan.diff.compare import Comparison, Entry, Lines, MetricChange
from recipec.plan.text.figures import Figure, aligned
from recipec.plan.text.numbers import change as share
from recipec.plan.text.numbers import count
from recipec.plan.text.page import Page

Quantity = Callable[[float, str], str]
"""Writes a metric's value in its unit."""
_SYMBOLS: Final = {"added": "+", "removed": "-", "changed": "~"}
_STYLES: Final = {"added": "run", "removed": "error", "changed": "warning"}
_INDENT: Final = 6


def comparison_text(comparison: Comparison, quantity: Quantity, page: Page | None = None) -> str:
    """Render a comparison; without a page, for a width of 100 columns and without colours."""
    return "\n".join(_lines(comparison, quantity, page or Page())) + "\n"


def _lines(comparison: Comparison, quantity: Quantity, page: Page) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    yield from page.flow("", [f"{before.kind} {before.name} → {after.kind} {after.name}"])
    if comparison.same:
        yield "no difference"
        return
    yield from _changes("recipe", comparison.recipe, page)
    made = "made" if before.kind == after.kind == "run" else "planned"
    for title in ("data", "stages", "measurements"):
        entries: Sequence[Entry] = getattr(comparison, title)
        if entries:
            yield ""
            yield page.heading(title) + f": {_counted(entries)}"
            for entry in entries:
                yield from _entry(entry, made, quantity, page)
    yield from _list("gates", comparison.gates, page)
    yield from _list("outputs", comparison.outputs, page)
    yield from _changes("versions", comparison.versions, page)
    yield from _changes("verdicts", comparison.verdicts, page)


def _changes(title: str, changes: Sequence[Change], page: Page) -> Iterator[str]:
    if changes:
        yield ""
        yield page.heading(title)
        for change in changes:
            yield from page.flow("  ", [str(change)], hang=_INDENT)


def _list(title: str, lines: Lines, page: Page) -> Iterator[str]:
    if lines.removed or lines.added:
        yield ""
        yield page.heading(title)
        for status, texts in (("removed", lines.removed), ("added", lines.added)):
            for text in texts:
                yield from _marked(status, text, [], page)


def _counted(entries: Sequence[Entry]) -> str:
    counts = {status: sum(entry.status == status for entry in entries) for status in _SYMBOLS}
    return ", ".join(f"{n} {status}" for status, n in counts.items() if n)


def _marked(status: str, name: str, pieces: list[str], page: Page) -> Iterator[str]:
    mark = _SYMBOLS[status]
    yield from page.flow(
        f"  {mark} {name}  " if pieces else f"  {mark} {name}",
        pieces,
        marks=((mark, _STYLES[status]), (name, "bold")),
        hang=_INDENT,
    )


def _entry(entry: Entry, made: str, quantity: Quantity, page: Page) -> Iterator[str]:
    pieces = [] if entry.operator == entry.id else [entry.operator]
    if entry.figures and not entry.changes and entry.moved is None:
        pieces.append("follows from what comes before it")
    yield from _marked(entry.status, entry.id, pieces, page)
    said = [str(change) for change in entry.changes]
    if entry.moved is not None:
        was, is_ = entry.moved.before or "nothing", entry.moved.after or "nothing"
        said.insert(0, f"moved from behind {was} to behind {is_}")
    said += [_metric(metric, quantity) for metric in entry.metrics]
    for text in said:
        yield from page.flow(" " * _INDENT, [text], hang=_INDENT + 2)
    counts = [change for change in entry.figures if _is_count(change)]
    for change in entry.figures:
        if change not in counts:
            yield from page.flow(f"{'':{_INDENT}}{made}: ", [str(change)], hang=_INDENT + 2)
    if counts:
        yield f"{'':{_INDENT}}{made}:"
        for line in aligned(tuple(map(_figure, counts))):
            yield from page.flow(" " * (_INDENT + 2), [line])


def _is_count(change: Change) -> bool:
    return type(change.before) is int and type(change.after) is int


def _figure(change: Change) -> Figure:
    before, after = change.before, change.after
    return Figure(change.name, count(before), count(after), share(before, after))


def _metric(metric: MetricChange, quantity: Quantity) -> str:
    values = [
        "not measured" if value is None else quantity(value, metric.unit).replace("\u00a0", " ")
        for value in (metric.before, metric.after)
    ]
    within = ", and their confidence intervals overlap" if metric.overlap else ""
    return f"{metric.name} {values[0]} → {values[1]}{within}"
