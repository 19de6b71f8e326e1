"""Layer tables before → after, as wide as the page, and never endless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from recipec.api import Unknown
from recipec.plan.layer_changes import LayerChange, LayerChanges, LayerFigures, StageLayers
from recipec.plan.text.numbers import count
from recipec.plan.text.page import Page

LIMIT: Final = 200
"""Layers of one stage that are shown."""
_TITLES: Final = ("layer", "type", "shape", "dtype", "parameters", "multiply-adds", "sparsity")
_DTYPE: Final = 3
_NUMBERS: Final = frozenset({4, 5, 6})
_INDENT: Final = "  "

Cells = tuple[str, ...]


def layers_text(changes: LayerChanges, page: Page | None = None) -> str:
    """Write a table for each stage that changes layers."""
    page = page or Page()
    lines = [line for stage in changes.stages for line in (*_stage(stage, page), "")]
    return "\n".join(lines or ["no stage makes a model whose layers are known", ""])


def _stage(stage: StageLayers, page: Page) -> Iterator[str]:
    against = f"{stage.takes} → {stage.stage}" if stage.takes else stage.stage
    if isinstance(stage.layers, Unknown):
        yield page.heading(page.clean(f"{against}: layers (known after {stage.stage})"))
        return
    changed = [row for row in stage.layers if row.fate != "same"]
    kept = len(stage.layers) - len(changed)
    said = f"{count(len(changed))} of {count(len(stage.layers))} layers change"
    if not stage.takes:
        said = f"{count(len(stage.layers))} layers"
    rows = [_cells(row) for row in changed[:LIMIT]]
    dtypes = {row[_DTYPE] for row in rows} - {""}
    if len(dtypes) == 1:  # what is the same in every line is said once
        said += f", {dtypes.pop()}"
        rows = [(*row[:_DTYPE], "", *row[_DTYPE + 1 :]) for row in rows]
    yield page.heading(page.clean(f"{against}: {said}"))
    yield from _table(rows, page)
    notes = []
    if kept:
        notes.append(f"{count(kept)} as before")
    if len(changed) > LIMIT:
        notes.append(f"{count(len(changed) - LIMIT)} more: `--format json` has them all")
    if notes:
        yield from page.flow(_INDENT, notes, gap="; ")


def _cells(row: LayerChange) -> Cells:
    if row.fate == "gone":
        gone = f"folds into {row.folds_into}" if row.folds_into else "leaves"
        return (row.name, row.before.type if row.before else "", gone, "", "", "", "")
    one, other = (_written(figures) for figures in (row.before, row.after))
    return (row.name, *(_shift(a, b) for a, b in zip(one, other, strict=True)))


def _written(figures: LayerFigures | None) -> Cells:
    if figures is None:
        return ("",) * (len(_TITLES) - 1)
    zeros, parameters = figures.zeros, figures.parameters
    sparsity = ""
    if not isinstance(zeros, Unknown) and parameters:
        sparsity = f"{100 * zeros / parameters:.1f}%"
    return (
        figures.type,
        "×".join(map(str, figures.shape)),
        figures.dtype,
        count(figures.parameters),
        count(figures.macs),
        sparsity,
    )


def _shift(before: str, after: str) -> str:
    return f"{before} → {after}" if before and after and before != after else after or before


def _table(rows: Sequence[Cells], page: Page) -> Iterator[str]:
    """Write columns if they fit side by side, else two lines for each layer."""
    rows = [tuple(map(page.clean, row)) for row in rows]
    kept = [i for i in range(len(_TITLES)) if any(row[i] for row in rows)]
    widths = {i: max(len(row[i]) for row in (_TITLES, *rows)) for i in kept}
    if len(_INDENT) + sum(widths.values()) + 2 * (len(kept) - 1) > page.width:
        for row in rows:
            yield from _two_lines(row, page)
        return
    for row in (_TITLES, *rows):
        cells = (f"{row[i]:{'>' if i in _NUMBERS else '<'}{widths[i]}}" for i in kept)
        yield f"{_INDENT}{'  '.join(cells)}".rstrip()


def _two_lines(row: Cells, page: Page) -> Iterator[str]:
    name, kind, shape, dtype, parameters, macs, sparsity = row
    yield from page.flow(f"{_INDENT}{name}  ", [kind, dtype], marks=((name, "bold"),), hang=6)
    numbers = zip(_TITLES[4:], (parameters, macs, sparsity), strict=True)
    said = [shape, *(f"{title} {value}" for title, value in numbers if value)]
    yield from page.flow("      ", said)
