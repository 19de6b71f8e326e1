"""Run record → HTML or Markdown. Jinja2 is imported when a report is really rendered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from recipec.api import ReportSection
    from recipec.run.record import RunRecord

Sections = Sequence[tuple[str, "ReportSection"]]
"""Names of plugins and the sections that they add."""


class Run(NamedTuple):
    """One of several runs that are compared: its label, its record, and a link to its report.

    `record` is None for a run that came to nothing; `problem` says why.
    """

    label: str
    record: RunRecord | None
    link: str | None = None
    problem: str | None = None


Runs = Sequence[Run]


def render_html(record: RunRecord, sections: Sections = (), templates: Sequence[Path] = ()) -> str:
    """Give the report as one self-contained HTML page.

    `templates` are folders whose templates stand before the built-in ones, the first before all.
    A section whose template fails is replaced by a note that names the plugin. Raises
    ValidationError on a record whose layer tables aren't layer tables, and UsageError when a
    template of `templates` fails.
    """
    from recipec.report._render import html

    return html(record, sections, tuple(templates))


def render_markdown(
    record: RunRecord, sections: Sections = (), templates: Sequence[Path] = ()
) -> str:
    """Give the report as Markdown (GitHub's), for a pull request. Raises as `render_html` does."""
    from recipec.report._render import markdown

    return markdown(record, sections, tuple(templates))


def render_comparison(title: str, runs: Runs, templates: Sequence[Path] = ()) -> dict[str, str]:
    """Compare runs: `report.html` and `report.md`, by file name.

    The first run's baseline is what changes are against only where a run has none of its own: each
    output is put against the baseline of its own run. Raises as `render_html` does.
    """
    from recipec.report._render import comparison_html, comparison_markdown

    folders = tuple(templates)
    return {
        "report.html": comparison_html(title, runs, folders),
        "report.md": comparison_markdown(title, runs, folders),
    }
