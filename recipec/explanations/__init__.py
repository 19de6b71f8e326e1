"""A page for every code of an error or a warning: what it means, and what to do about it.

`CODE.md` is in this folder; the page of a plugin's lint is in the plugin. A page begins with
`# CODE` and a line that sums it up; lines are at most 80 columns wide, to be read in a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from typing import NamedTuple

from recipec.api import Lint

SUFFIX = ".md"


class Page(NamedTuple):
    """An explanation. `lint` says whether the code is a lint's, which a recipe can silence;
    `text` is Markdown."""

    code: str
    summary: str
    lint: bool
    text: str


def pages(lints: Mapping[str, Lint]) -> Iterator[Page]:
    """Give all pages, in the order of their codes; those of `lints` are where the lints say.

    Raises OSError, ModuleNotFoundError when a lint has no page.
    """
    own = {
        entry.name.removesuffix(SUFFIX)
        for entry in resources.files(__name__).iterdir()
        if entry.name.endswith(SUFFIX)
    }
    for code in sorted(own | lints.keys()):
        yield page_of(lints[code]) if code in lints else _own_page(code)


def page_of(lint: Lint) -> Page:
    """Give the page of a lint. Raises OSError, ModuleNotFoundError when there is none."""
    package, _, path = lint.page.partition(":")
    text = resources.files(package).joinpath(path).read_text(encoding="utf-8")
    return Page(lint.code, _summary(text), True, text)


def _own_page(named: str) -> Page:
    text = resources.files(__name__).joinpath(f"{named}{SUFFIX}").read_text(encoding="utf-8")
    return Page(named, _summary(text), False, text)


def _summary(text: str) -> str:
    return next((line for line in text.splitlines()[1:] if line.strip()), "")


def plain(text: str) -> Iterator[tuple[str, bool]]:
    """Give a page's lines for a terminal, each with whether it is a heading.

    Fences of code go, and what is between them is indented.
    """
    inside = False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif inside:
            yield f"    {line}".rstrip(), False
        elif line.startswith("#"):
            yield line.lstrip("# "), True
        else:
            yield line, False
