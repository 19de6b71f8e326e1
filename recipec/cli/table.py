"""Tables of what came out, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from recipec.run.record import StageRecord

NOTHING = "–"


def table(
    titles: Sequence[str], rows: Iterable[Sequence[str]], left: Iterable[int] = (0,)
) -> Iterator[str]:
    """Give a line of titles and one for each row.

    A column that nobody has a number for is left out; when that leaves names alone, all is. The
    columns in `left` begin at the left, all others end at the right.
    """
    content = list(rows)
    if not content:
        return
    kept = [i for i, cells in enumerate(zip(*content, strict=True)) if set(cells) != {NOTHING}]
    if len(kept) < 2:
        return
    widths = [max(map(len, cells)) for cells in zip(titles, *content, strict=True)]
    for number, row in enumerate((titles, *content)):
        cells = [f"{row[i]:{'<' if i in left else '>'}{widths[i]}}" for i in kept]
        line = "  ".join(cells).rstrip()
        yield click.style(line, bold=True) if number == 0 else line


def cell(stage: StageRecord, metric: str) -> str:
    """Write one of a stage's metrics."""
    found = stage.metric(metric)
    form, scale = _FORMS[metric]
    return NOTHING if found is None else form.format(found.value * scale)


_FORMS = {
    "parameters": ("{:,.0f}", 1),
    "macs": ("{:,.0f}", 1),
    "size.disk": ("{:,.0f} B", 1),
    "accuracy": ("{:.2f} %", 100),
    "agreement": ("{:.2f} %", 100),
    "cosine.mean": ("{:.2f} %", 100),
    "probe": ("{:.2f} %", 100),
    "latency.p50@batch=1": ("{:.3f} ms", 1000),
}
