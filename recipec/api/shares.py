"""Shares of a whole: `40%` or `0.4`, and never `40`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from recipec.api.notation import shown
from recipec.api.quantities import Unit, problem, scaled, split

PERCENT: Final = Unit(power=-2)
_BOUNDS: Final = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
}
_WRITE: Final = "write a share as '40%', or as 0.4"


def parse_share(value: object) -> float:
    """Read `40%`, or a bare number from 0 up to 1, as a share, 0.4.

    A bare `1` could be 1% or all of it: only `1.0` is read as all. Raises PydanticCustomError.
    """
    parts = split(value)
    if parts is None:
        raise problem("unit_value", f"{shown(value)} is not a share", _WRITE)
    negative, digits, unit = parts
    if negative:
        raise problem("unit_value", f"a share can't be negative, and {shown(value)} is")
    if unit is None:
        return _bare(digits, whole=isinstance(value, float) or "." in str(value))
    if unit != "%":
        likely = unit.casefold() in ("pp", "percent", "pct", "per")
        hint = f"did you mean '{digits}%'? " if likely else ""
        raise problem("unit_unknown", f"{unit!r} is not a unit of a share", hint + _WRITE)
    share = scaled(digits, PERCENT)
    if share > 1:
        raise problem("unit_value", f"{shown(value)} is more than all of it, which is '100%'")
    if not re.fullmatch(percentages(), str(value)):
        raise problem("unit_value", f"{shown(value)} is not a percentage", f"write '{share:.6g}%'")
    return share


def percentages(*, none: bool = True, all: bool = True) -> str:
    """Give a regular expression of the percentages of a whole: up to 100%, without exponents.

    `none` says whether 0% is one of them, `all` whether 100% is.
    """
    some = "" if none else r"(?=[^%]*[1-9])"
    whole = r"0*100\.?0*|" if all else ""
    return rf"^\s*{some}(?:{whole}0*[0-9]{{1,2}}(?:\.[0-9]*)?|\.[0-9]+)\s*%\s*$"


def _bare(digits: str, *, whole: bool) -> float:
    """Read a number without a unit; `whole` says whether 1 is written so that it is all."""
    number = float(digits)
    if number < 1 or (number == 1 and whole):
        return number
    readings = f"{digits} could be {digits}% or {number * 100:g}%"
    if number == 1:
        raise problem("unit_missing", readings, "write '1%' (which is 0.01), or '100%' (all of it)")
    if number <= 100:
        share = scaled(digits, PERCENT)
        hint = f"write '{digits}%' (which is {share:g}); a bare number is a share of 1, not of 100"
        raise problem("unit_missing", f"{readings}, which is more than all of it", hint)
    raise problem("unit_missing", f"{readings}, and both are more than all of it", "all is '100%'")


class _ShareType:
    """Validates a float as `parse_share` reads it; bounds of the field apply to the share."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(parse_share, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        # Pydantic writes a bound that it applies behind our function under its own name.
        number = {_BOUNDS.get(key, key): value for key, value in handler(schema).items()}
        if "exclusiveMinimum" not in number:
            number.setdefault("minimum", 0)
        if "exclusiveMaximum" not in number:
            number.setdefault("maximum", 1)
        percent = {
            "type": "string",
            "pattern": percentages(
                none="exclusiveMinimum" not in number, all="exclusiveMaximum" not in number
            ),
            "x-recipec-wanted": "a percentage such as 40%",
        }
        return {
            "anyOf": [number, percent],
            "examples": ["40%", 0.4],
            "x-recipec-quantity": "share",
        }


Share = Annotated[float, _ShareType()]
"""A part of a whole, 0 to 1: `40%` or `0.4`. What it holds is a float."""
