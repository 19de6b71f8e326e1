"""Write a value as YAML that recipec reads back as the same value, with the origin of each part as
a comment at the end of its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from recipec.recipe.origins import brief_origin
from recipec.recipe.placed import Placed
from recipec.source import SpanTree, Value

_WIDTH: Final = 88
"""How long a line with a mapping or list on it may be, without its comment."""
_COLUMN: Final = 64
"""Where comments begin at the latest, but for lines that are longer."""
_MAX_COMMENT: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""Text that some reader of YAML takes for something else."""
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class _Line(NamedTuple):
    text: str
    origin: str = ""


def yaml_text(root: Placed, said: Callable[[SpanTree], str] = brief_origin) -> str:
    """Write a mapping, a key on each line; what fits and has one origin goes on one line.

    `said` gives the words for the origin of a place.
    """
    lines = list(_Writer(said).entries(root, ""))
    widest = max((len(line.text) for line in lines if len(line.text) <= _COLUMN), default=0)
    return "".join(_commented(line, widest) + "\n" for line in lines)


def _commented(line: _Line, column: int) -> str:
    if not line.origin:
        return line.text
    said = "".join(char if char.isprintable() else " " for char in line.origin)
    said = said if len(said) <= _MAX_COMMENT else f"{said[: _MAX_COMMENT - 1]}…"
    return f"{line.text:<{column}}  # {said}"


class _Writer(NamedTuple):
    said: Callable[[SpanTree], str]

    def entries(self, placed: Placed, indent: str) -> Iterator[_Line]:
        """Write the entries of a mapping or list in block style."""
        for name, inner in placed.items():
            yield from self._entry(f"{indent}{scalar(name)}:", inner, indent + "  ")
        for inner in placed.entries():
            yield from self._item(inner, indent)

    def _entry(self, head: str, placed: Placed, indent: str) -> Iterator[_Line]:
        # The stages are what a recipe is about: each begins a line of its own.
        if (line := self._in_line(head, placed)) and not _has_stages(placed):
            yield line
            return
        yield _Line(head)
        yield from self.entries(placed, indent)

    def _item(self, placed: Placed, indent: str) -> Iterator[_Line]:
        """Write an entry of a list: its first line stands behind the dash."""
        if line := self._in_line(f"{indent}-", placed):
            yield line
            return
        first, *lines = self.entries(placed, indent + "  ")
        yield _Line(f"{indent}- {first.text.lstrip()}", first.origin)
        yield from lines

    def _in_line(self, head: str, placed: Placed) -> _Line | None:
        """Give the line of a value that isn't a mapping or list, or fits and has one origin."""
        flat, origins = flow(placed.value), self._origins(placed)
        whole = not isinstance(placed.value, dict | list) or not placed.value
        if whole or (len(head) + len(flat) < _WIDTH and len(origins) == 1):
            return _Line(f"{head} {flat}", origins.pop())
        return None

    def _origins(self, placed: Placed) -> set[str]:
        """Give the origins of all that is in a value."""
        if not isinstance(placed.value, dict | list) or not placed.value:
            return {self.said(placed.spans)}
        inner = [*placed.entries(), *(one for _, one in placed.items())]
        return set().union(*map(self._origins, inner))


def _has_stages(placed: Placed) -> bool:
    values = placed.value if isinstance(placed.value, list) else []
    return any(isinstance(value, dict) and "id" in value for value in values)


def flow(value: Value) -> str:
    """Write a value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def scalar(value: Value) -> str:
    """Write text, a number, true, false or null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return re.sub(r"^([-+]?)(inf|nan)$", r"\1.\2", repr(value))
    if not isinstance(value, str):
        return str(value)
    text = value.replace("${", "$${")
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return '"' + "".join(_ESCAPES.get(char) or _escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )
