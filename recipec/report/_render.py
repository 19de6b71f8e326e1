"""The Jinja environments and what they hold to: nothing undefined, nothing unescaped, sandboxed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from recipec.report._markdown import block, code, escape
from recipec.report._sections import rendered
from recipec.report.context import Report
from recipec.report.render import Sections
from recipec.report.text import visible
from recipec.report.view import view
from recipec.run.record import RunRecord

TEMPLATES: Final = Path(__file__).parent / "templates"

MARKS: Final = {
    "good": Markup("✅ "),
    "bad": Markup("❌ "),
    "warn": Markup("⚠️ "),
    "quiet": Markup(""),
}
"""What stands before a verdict in Markdown, which has no colours."""


def html(record: RunRecord, sections: Sections) -> str:
    environment = html_environment()
    return environment.get_template("report.html.j2").render(_context(record, sections))


def markdown(record: RunRecord, sections: Sections) -> str:
    environment = markdown_environment()
    return environment.get_template("report.md.j2").render(_context(record, sections))


def _context(record: RunRecord, sections: Sections) -> dict[str, Any]:
    report = replace(view(record), sections=tuple(rendered(sections)))
    return {field.name: getattr(report, field.name) for field in fields(Report)}


@cache
def html_environment() -> ImmutableSandboxedEnvironment:
    """Give the environment of the HTML templates; values are escaped, and hidden characters shown.

    `script_digest` lets the page's policy admit its own script and no other.
    """
    environment = _environment(_shown)
    script = environment.get_template("report.js").render()
    digest = hashlib.sha256(script.encode()).digest()
    environment.globals["script_digest"] = base64.b64encode(digest).decode()
    return environment


@cache
def markdown_environment() -> ImmutableSandboxedEnvironment:
    """Give the environment of the Markdown template, whose values are escaped for Markdown."""
    environment = _environment(lambda value: value if _is_markup(value) else escape(str(value)))
    environment.filters.update(code=code, block=block)
    environment.globals["marks"] = MARKS
    return environment


def _environment(finalize: Callable[[Any], Any]) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        # Autoescape is on for Markdown too: what `finalize` has escaped is Markup, and stays.
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    return value if _is_markup(value) else visible(str(value))


def _is_markup(value: Any) -> bool:
    return isinstance(value, Markup)
