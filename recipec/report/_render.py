"""A context and templates → text."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

from recipec.report._environment import Folders, html_environment, markdown_environment
from recipec.report._sections import rendered
from recipec.report.context import Report
from recipec.report.overriding import guarded
from recipec.report.render import Runs, Sections
from recipec.report.view import view
from recipec.run.record import RunRecord


def html(record: RunRecord, sections: Sections, folders: Folders) -> str:
    context = _context(record, sections)
    return _rendered(html_environment, "report.html.j2", context, folders)


def markdown(record: RunRecord, sections: Sections, folders: Folders) -> str:
    context = _context(record, sections)
    return _rendered(markdown_environment, "report.md.j2", context, folders)


def comparison_html(title: str, runs: Runs, folders: Folders) -> str:
    return _rendered(html_environment, "comparison.html.j2", _compared(title, runs), folders)


def comparison_markdown(title: str, runs: Runs, folders: Folders) -> str:
    return _rendered(markdown_environment, "comparison.md.j2", _compared(title, runs), folders)


def _rendered(environment: Any, name: str, context: dict[str, Any], folders: Folders) -> str:
    def make() -> str:
        made: ImmutableSandboxedEnvironment = environment(folders)
        return made.get_template(name).render(context)

    return guarded(make, folders)


def _context(record: RunRecord, sections: Sections) -> dict[str, Any]:
    report = replace(view(record), sections=tuple(rendered(sections)))
    return {field.name: getattr(report, field.name) for field in fields(Report)}


def _compared(title: str, runs: Runs) -> dict[str, Any]:
    from recipec.report.comparison import compared

    found = compared(title, runs)
    return {field.name: getattr(found, field.name) for field in fields(found)}
