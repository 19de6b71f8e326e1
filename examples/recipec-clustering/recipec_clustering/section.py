"""The report's section: the codebook of each tensor, with how often each value occurs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from recipec.api import ReportSection

WIDTH: Final = 240
HEIGHT: Final = 40
MOST: Final = 12
"""Tensors drawn of one stage: the largest ones."""

_TEMPLATE: Final = """
{% for stage in stages %}
<h3>{{ stage.id }}</h3>
<p>{{ stage.bytes }} bytes, {{ stage.ratio }} times less than all tensors as they are. Each bar is
a value of the codebook; its height is how many weights have it.</p>
<table>
<thead><tr><th>tensor</th><th>weights</th><th>values</th><th>bits</th><th>codebook</th></tr></thead>
<tbody>
{% for book in stage.books %}
<tr><td>{{ book.name }}</td><td>{{ book.elements }}</td><td>{{ book.count }}</td>
<td>{{ book.bits }}</td>
<td><svg role="img" width="{{ width }}" height="{{ height + 14 }}"
viewBox="0 0 {{ width }} {{ height + 14 }}" fill="currentColor" font-size="10"
aria-label="{{ book.name }}: {{ book.count }} values from {{ book.low }} to {{ book.high }}">
{% for bar in book.bars %}<rect x="{{ bar.x }}" y="{{ bar.y }}" width="2" height="{{ bar.height }}">
<title>{{ bar.value }}: {{ bar.weights }} weights</title></rect>
{% endfor %}<text x="0" y="{{ height + 12 }}">{{ book.low }}</text>
<text x="{{ width }}" y="{{ height + 12 }}" text-anchor="end">{{ book.high }}</text></svg></td></tr>
{% endfor %}
</tbody></table>
{% if stage.more %}<p>And {{ stage.more }} smaller ones.</p>{% endif %}
{% endfor %}
"""


def sections(record: Mapping[str, Any]) -> Iterator[ReportSection]:
    """Give one section for all stages of a run that made codebooks, none where there is none."""
    stages = [_stage(stage["id"], facts) for stage in record["stages"] for facts in _packed(stage)]
    if stages:
        values = {"stages": stages, "width": WIDTH, "height": HEIGHT}
        yield ReportSection("Codebooks", _TEMPLATE, values)


def _packed(stage: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for facts in stage["made"].values():
        if facts["kind"] == "clustering.codebooks" and facts["codebooks"]:
            yield facts


def _stage(id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    books = sorted(facts["codebooks"], key=lambda book: (-book["elements"], book["name"]))
    return {
        "id": id,
        "bytes": f"{facts['file_bytes']:,}",
        "ratio": f"{facts['dense_bytes'] / facts['file_bytes']:.2f}",
        "books": [_drawn(book) for book in books[:MOST]],
        "more": max(len(books) - MOST, 0),
    }


def _drawn(book: Mapping[str, Any]) -> dict[str, Any]:
    values, counts = book["values"], book["counts"]
    span, tallest = (values[-1] - values[0]) or 1.0, max(counts)
    bars = []
    for value, count in zip(values, counts, strict=True):
        height = max(round(count / tallest * HEIGHT, 1), 0.5)
        x = round((value - values[0]) / span * (WIDTH - 2), 1)
        bars.append(
            {
                "x": x,
                "y": round(HEIGHT - height, 1),
                "height": height,
                "value": f"{value:.4g}",
                "weights": f"{count:,}",
            }
        )
    return {
        "name": book["name"],
        "elements": f"{book['elements']:,}",
        "count": len(values),
        "bits": book["bits"],
        "low": f"{values[0]:.3g}",
        "high": f"{values[-1]:.3g}",
        "bars": bars,
    }
