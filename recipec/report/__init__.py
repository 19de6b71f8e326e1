"""The report of a run, as HTML and Markdown: a pure function of the run record."""

from recipec.report.render import Run, render_comparison, render_html, render_markdown

__all__ = ["Run", "render_comparison", "render_html", "render_markdown"]
