"""The names that recipes give to things: lower case, short, with an error in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


def matching(
    pattern: str, example: str, wanted: str, further: Callable[[str], bool] | None = None
) -> list[Any]:
    """Make the annotations of text that must match a pattern, with an error in words.

    `further` may refuse what the pattern, which editors check too, can't.
    """

    def check(value: str) -> str:
        fits = len(value) <= 100 and re.fullmatch(pattern, value)
        if not fits or (further is not None and not further(value)):
            raise PydanticCustomError(
                "malformed_name",
                "{value} is not {wanted}",
                {"value": repr(value), "wanted": wanted, "hint": f"for example {example}"},
            )
        return value

    return [
        AfterValidator(check),
        Field(json_schema_extra={"pattern": f"^{pattern}$", "x-recipec-wanted": wanted}),
    ]


Identifier = Annotated[
    str,
    *matching(
        r"[a-z][a-z0-9_-]*",
        "seven-steps",
        "a name: lower-case letters, digits, - and _, beginning with a letter",
    ),
]
OperatorId = Annotated[
    str,
    *matching(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_.]*", "prune.channels", "an operator: plugin.name"),
]
RESERVED_IDS = frozenset({"model", "data"})
