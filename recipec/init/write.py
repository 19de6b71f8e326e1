"""YAML with comments: blocks of a recipe, each under what there is to say about it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import yaml

from recipec.source import read_document

WIDTH: Final = 96


def comment(text: str, indent: str = "") -> Iterator[str]:
    """Write sentences as a comment."""
    for line in textwrap.wrap(text, WIDTH - len(indent)):
        yield f"{indent}# {line}"


def value(given: Any) -> str:
    """Write a value in one line, so that recipec reads it as it is."""
    text: str = yaml.safe_dump(
        given, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
    )
    text = text.removesuffix("...\n").strip()
    # PyYAML writes YAML 1.1, in which a file called 1e3 needs no quotes.
    return text if read_document(text, "").value == given else json.dumps(given, ensure_ascii=False)


def keys(given: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """Write the keys of a mapping, each in a line."""
    for name, inner in given.items():
        yield f"{indent}{name}: {value(inner)}"


def use(
    operator: str, params: Mapping[str, Any], more: Mapping[str, Any], indent: str
) -> Iterator[str]:
    """Write `uses` and `with`; `more` parameters are there, but commented out."""
    yield f"{indent}uses: {operator}"
    if params:
        yield f"{indent}with:"
        yield from keys(params, f"{indent}  ")
        yield from keys(more, f"{indent}  # ")
    elif more:
        yield f"{indent}# with: {value(dict(more))}"


def document(blocks: Iterable[Iterable[str]]) -> str:
    """Join blocks, with an empty line between them."""
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
