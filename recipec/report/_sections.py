"""Sections that plugins add: rendered in a sandbox, and kept from breaking the page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from recipec.api import ReportSection
from recipec.report.context import Section, Text
from recipec.report.render import Sections
from recipec.report.text import clip, name, visible
from recipec.walls.limited import limited

LIMIT: Final = 200_000
"""Characters of one section; the whole report stays below a megabyte."""

_VOID: Final = frozenset({"br", "hr", "img", "wbr"})
_ALLOWED: Final = _VOID.union(
    ["a", "abbr", "b", "bdi", "blockquote", "caption", "code", "dd", "details", "div", "dl", "dt"],
    ["em", "figcaption", "figure", "h3", "h4", "h5", "h6", "i", "kbd", "li", "ol", "p", "pre", "s"],
    ["samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot"],
    ["th", "thead", "tr", "u", "ul", "var"],
    ["circle", "defs", "ellipse", "g", "line", "path", "polygon", "polyline", "rect", "svg"],
    ["text", "title", "tspan"],
)
"""Elements of HTML and SVG that a section may have: none reaches beyond its own end."""


def rendered(sections: Sections) -> Iterator[Section]:
    """Render each section; one that fails becomes a note with the reason."""
    for plugin, section in sections:
        html, problem = _render(section)
        yield Section(name(section.title), name(plugin), html, problem)


def _render(section: ReportSection) -> tuple[str, Text | None]:
    environment = ImmutableSandboxedEnvironment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
    )
    try:
        text = limited(
            lambda: environment.from_string(section.template).render(**section.values),
            caller=section,
            what="its template",
        )
    except Exception as error:  # a plugin's template may raise anything; the report names it
        return "", clip(f"{type(error).__name__}: {error}")
    if len(text) > LIMIT:
        return "", clip(f"its content has {len(text):,} characters, more than {LIMIT:,}")
    if problem := ill_formed(text):
        return "", clip(problem)
    return Markup(text), None


def ill_formed(html: str) -> str | None:
    """Say what could break the page around this HTML, None where nothing could.

    It is stricter than HTML: every element must be closed, and comments aren't allowed.
    """
    if "<!" in html:
        return "its HTML has a comment or a declaration"
    check = _Balance()
    check.feed(html)
    if check.problem:
        return check.problem
    if check.open:
        return f"its HTML leaves <{check.open[-1]}> open"
    return "its HTML ends within a tag" if check.rawdata else None


class _Balance(HTMLParser):
    """Checks that every element is allowed, and closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.problem: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _ALLOWED:
            self.problem = self.problem or f"its HTML has <{tag}>, which a section can't have"
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        # Only SVG's own elements close themselves; HTML reads <div/> as <div>.
        if "svg" in self.open and tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problem = self.problem or f"its HTML closes <{tag}>, which isn't open there"
