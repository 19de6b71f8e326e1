"""N:M patterns: at most N of every M consecutive weights aren't zero."""

from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


class Pattern(NamedTuple):
    """At most `n` of every `m` weights may differ from zero."""

    n: int
    m: int

    def __str__(self) -> str:
        return f"{self.n}:{self.m}"


def parse_pattern(text: str) -> Pattern:
    """Read `2:4`. Raises PydanticCustomError unless 0 < N < M."""
    n, _, m = text.partition(":")
    if n.isdecimal() and m.isdecimal() and 0 < int(n) < int(m):
        return Pattern(int(n), int(m))
    said = {"said": f"{text!r} is not a pattern", "hint": "write N:M with 0 < N < M, as in '2:4'"}
    raise PydanticCustomError("malformed_pattern", "{said}", said)


def _checked(text: str) -> str:
    parse_pattern(text)
    return text


PatternText = Annotated[
    str,
    AfterValidator(_checked),
    Field(json_schema_extra={"pattern": r"^[1-9][0-9]*:[1-9][0-9]*$"}, examples=["2:4", "1:4"]),
]
"""A pattern as written, `2:4`; `parse_pattern` reads it."""
