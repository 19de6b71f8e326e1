"""The names that recipes give to things: lower case, short, with an error in words."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError


def _matching(pattern: str, example: str, wanted: str) -> list[Any]:
    """Make the annotations of text that must match a pattern, with an error in words."""

    def check(value: str) -> str:
        if len(value) > 100 or not re.fullmatch(pattern, value):
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
    *_matching(
        r"[a-z][a-z0-9_-]*",
        "seven-steps",
        "a name: lower-case letters, digits, - and _, beginning with a letter",
    ),
]
OperatorId = Annotated[
    str,
    *_matching(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_.]*", "prune.channels", "an operator: plugin.name"),
]
RESERVED_IDS = frozenset({"model", "data"})
