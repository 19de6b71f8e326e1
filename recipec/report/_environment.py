"""The Jinja environments and what they hold to: nothing undefined, nothing unescaped, sandboxed.

Templates of users and plugins stand before the built-in ones, and are held to the same: neither
`|safe` nor `{% autoescape false %}` lets a value through as markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateRuntimeError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from markupsafe import escape as escape_html

from recipec.report._embedded import data, embedded, pack
from recipec.report._markdown import block, code, escape
from recipec.report.text import visible

TEMPLATES: Final = Path(__file__).parent / "templates"
_LIBRARY: Final = Path(__file__).parent / "vendor"

STYLES: Final = ("report.css", "extra.css")
SCRIPTS: Final = ("charts.min.js", "tables.js", "charts.js", "graph.js", "layers.js", "extra.js")
"""What the page embeds, as it is: these aren't templates. `extra.*` are empty, and a user's to
fill."""

MARKS: Final = {
    "good": Markup("✅ "),
    "bad": Markup("❌ "),
    "warn": Markup("⚠️ "),
    "quiet": Markup(""),
}
"""What stands before a verdict in Markdown, which has no colours."""

_UNESCAPED: Final = ("safe", "forceescape")
"""Filters that would let a value through as markup, or escape it twice."""

Folders = tuple[Path, ...]
"""Folders with templates, the first one's before the others'."""


@cache
def html_environment(folders: Folders = ()) -> ImmutableSandboxedEnvironment:
    """Give the environment of the HTML templates; values are escaped, and hidden characters shown.

    `scripts` and `styles` are what the page embeds, and `script_digests` lets the page's policy
    admit these scripts and no other.
    """
    environment = _environment(folders, _shown)
    scripts = [_asset(environment, name, "script") for name in SCRIPTS]
    environment.globals.update(
        scripts=[script for script in scripts if script],
        styles=[_asset(environment, name, "style") for name in STYLES],
        script_digests=[_digest(script) for script in scripts if script],
    )
    environment.filters.update(data=data, embedded=embedded, pack=pack)
    return environment


@cache
def markdown_environment(folders: Folders = ()) -> ImmutableSandboxedEnvironment:
    """Give the environment of the Markdown templates, whose values are escaped for Markdown."""
    environment = _environment(
        folders, lambda value: value if isinstance(value, Markup) else escape(str(value))
    )
    environment.filters.update(code=code, block=block)
    environment.globals["marks"] = MARKS
    return environment


def _environment(folders: Folders, finalize: Callable[[Any], Any]) -> ImmutableSandboxedEnvironment:
    built_in = FileSystemLoader([TEMPLATES, _LIBRARY])
    loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in folders]
    prefixes: Mapping[str, BaseLoader] = {"recipec": built_in}
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([*loaders, built_in, PrefixLoader(prefixes)]),
        # Autoescape is on for Markdown too: what `finalize` has escaped is Markup, and stays.
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in _UNESCAPED:
        environment.filters.pop(name)
    return environment


def _shown(value: Any) -> Markup:
    # Escaped here, and not by `autoescape` alone: a template can turn that off.
    return value if isinstance(value, Markup) else escape_html(visible(str(value)))


def _asset(environment: ImmutableSandboxedEnvironment, name: str, element: str) -> Markup:
    """Read a script or style sheet. Raises TemplateRuntimeError on one that ends its element."""
    assert environment.loader is not None
    text, _, _ = environment.loader.get_source(environment, name)
    if f"</{element}" in text.lower():
        raise TemplateRuntimeError(f"{name} has </{element}, which would end it within the page")
    return Markup(text)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
