"""Text such as `5ms` → a number; and in words what is wrong with text that isn't a quantity."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from recipec.api.notation import number, shown

NUMBER: Final = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?"
"""A number that isn't negative, in the words of both Python's and JSON Schema's expressions."""
_TEXT: Final = re.compile(
    rf"\s*(?P<sign>-?)(?P<number>{NUMBER})\s*(?P<unit>[^\s0-9.][^\s0-9]*)?\s*"
)
_NEITHER: Final = re.compile(r"\s*[-+]?\.?(?:inf|infinity|nan)\s*", re.IGNORECASE)


class Unit(NamedTuple):
    """A unit is `factor` × 10^`power` of the quantity's own."""

    factor: int = 1
    power: int = 0


class Quantity(NamedTuple):
    """A kind of quantity, and how it is written.

    `what` is its name with an article. `readings` says how a bare number could be meant: what to
    write for each reading. `meant` gives, for units that people write and that could be misread,
    what they could mean. `most` is the largest value that makes sense. `also` is said
    behind the units.
    """

    what: str
    units: Mapping[str, Unit]
    example: str
    readings: Callable[[str], Sequence[str]]
    most: float
    meant: Mapping[str, tuple[str, ...]] = {}
    explain: Callable[[float], str] | None = None
    also: str = ""

    def read(self, value: object) -> float:
        """Give the number in the quantity's own unit. Raises PydanticCustomError in words."""
        parts = split(value)
        if parts is None:
            raise problem(
                "unit_value",
                f"{shown(value)} is not {self.what}",
                f"write a number and its unit, for example '{self.example}'; {self._units}",
            )
        negative, digits, unit = parts
        if negative:
            raise problem("unit_value", f"{self.what} can't be negative, and {shown(value)} is")
        if unit is None:
            raise self._bare(digits)
        if unit not in self.units:
            raise self._unknown(digits, unit)
        read = scaled(digits, self.units[unit])
        if read > self.most:
            raise problem("unit_value", f"{shown(value)} is too large for {self.what}")
        return read

    def _bare(self, digits: str) -> PydanticCustomError:
        ways = self.readings(digits)
        could = f" and could be {' or '.join(ways)}" if len(ways) > 1 else ""
        hint = f"write {' or '.join(map(self._said, ways))}; {self._units}"
        return problem("unit_missing", f"{digits} has no unit{could}", hint)

    def _unknown(self, digits: str, unit: str) -> PydanticCustomError:
        likely = self._likely(unit)
        hint = f"did you mean {' or '.join(self._said(f'{digits}{u}') for u in likely)}? "
        return problem(
            "unit_unknown",
            f"{unit!r} is not a unit of {self.what}",
            (hint if likely else "") + self._units,
        )

    def _likely(self, unit: str) -> Sequence[str]:
        """Give the units that an unknown one could be."""
        from difflib import get_close_matches  # only needed once something is wrong

        folded = unit.casefold()
        return (
            self.meant.get(unit)
            or self.meant.get(folded)
            or [known for known in self.units if known.casefold() == folded]
            or get_close_matches(unit, self.units, n=1, cutoff=0.7)
        )

    def _said(self, text: str) -> str:
        if self.explain is None:
            return f"'{text}'"
        parts = split(text)
        assert parts is not None  # it is one of our own suggestions
        assert parts[2] is not None
        return f"'{text}' ({self.explain(scaled(parts[1], self.units[parts[2]]))})"

    @property
    def _units(self) -> str:
        plural = "units" if len(self.units) > 1 else "its unit"
        return f"{plural}: {', '.join(self.units)}{self.also}"

    @property
    def pattern(self) -> str:
        """A regular expression of what `read` accepts, but for how large it may be."""
        units = "|".join(map(_in_pattern, self.units))
        return rf"^\s*{NUMBER}\s*(?:{units})\s*$"


def split(value: object) -> tuple[bool, str, str | None] | None:
    """Split a quantity into whether it is negative, its digits and its unit (None: it has none).

    Gives None for what isn't a number, nor begins with one. Raises PydanticCustomError on infinity
    and NaN, written or computed.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = number(value, 400)
    if not isinstance(value, str):
        return None
    if _NEITHER.fullmatch(value):
        raise problem("unit_value", f"{value.strip()} is not a finite number")
    # The Greek letter mu looks like the micro sign, and keyboards have the one or the other.
    match = _TEXT.fullmatch(value.replace("\u03bc", "µ")) if len(value) < 500 else None
    if match is None:
        return None
    return match["sign"] == "-" and float(match["number"]) != 0, match["number"], match["unit"]


def scaled(digits: str, unit: Unit) -> float:
    """Multiply a number by its unit, rounded once: `5` × 10⁻³ is 0.005, not 0.00500…01."""
    mantissa, _, exponent = digits.lower().partition("e")
    return float(f"{mantissa}e{int(exponent or 0) + unit.power}") * unit.factor


def problem(kind: str, message: str, hint: str | None = None) -> PydanticCustomError:
    """Make an error whose message is a whole sentence, with what to write instead."""
    context: dict[str, Any] = {"said": message}
    if hint is not None:
        context["hint"] = hint
    return PydanticCustomError(kind, "{said}", context)


def as_written(
    read: Callable[[object], object], kind: str, pattern: str, description: str, *examples: str
) -> list[Any]:
    """Make the annotations of a quantity that is kept as text, once `read` has accepted it.

    `kind` is what to call it in a table of parameters.
    """

    def check(value: object) -> object:
        read(value)
        return value

    schema = {
        "type": "string",
        "pattern": pattern,
        "description": description,
        "examples": list(examples),
        "x-recipec-quantity": kind,
        "x-recipec-wanted": f"a {kind} with its unit, such as {examples[0]}",
    }
    return [BeforeValidator(check), WithJsonSchema(schema)]


def _in_pattern(unit: str) -> str:
    return re.sub(r"([^\w%])", r"\\\1", unit).replace("µ", "[µ\u03bc]")
