"""Run record → HTML or Markdown. Jinja2 is imported when a report is really rendered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recipec.api import ReportSection
    from recipec.run.record import RunRecord

Sections = Sequence[tuple[str, "ReportSection"]]
"""Names of plugins and the sections that they add."""


def render_html(record: RunRecord, sections: Sections = ()) -> str:
    """Give the report as one self-contained HTML page.

    A section whose template fails is replaced by a note that names the plugin. Raises
    ValidationError on a record whose layer tables aren't layer tables.
    """
    from recipec.report._render import html

    return html(record, sections)


def render_markdown(record: RunRecord, sections: Sections = ()) -> str:
    """Give the report as Markdown (GitHub's), for a pull request. Raises as `render_html` does."""
    from recipec.report._render import markdown

    return markdown(record, sections)
