"""Patterns of nodes, written as a short program: `y = Add(MatMul's output, b)` line by line.

A line is `NAME = Operator(NAME or number, …, attribute=value, …)`. What a line makes, later lines
read. Names that nothing makes are the pattern's inputs; the last line makes its output. An operator
of another domain than ONNX's own is written `domain::Operator`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from pydantic_core import PydanticCustomError

from recipec.api import OperatorError

Attribute = int | float | str | list[int] | list[float] | list[str]

_LINE: Final = re.compile(
    r"\s*(?P<made>[A-Za-z_]\w*)\s*=\s*(?:(?P<domain>[\w.]+)::)?(?P<operator>[A-Za-z_]\w*)"
    r"\s*\((?P<arguments>.*)\)\s*",
    re.DOTALL,
)
FORM: Final = r"^\s*[A-Za-z_]\w*\s*=\s*([\w.]+::)?[A-Za-z_]\w*\s*\(.*\)\s*$"
"""What an editor can tell of a line."""
_ARGUMENT: Final = re.compile(
    r"\s*(?:(?P<attribute>[A-Za-z_]\w*)\s*=\s*)?(?P<value>\[[^\]]*\]|\"[^\"]*\"|[^,\[\]\"]+?)\s*"
    r"(?:,|$)"
)
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


class Step(NamedTuple):
    """One node of a pattern: it makes `made` of names and numbers."""

    made: str
    operator: str
    domain: str
    arguments: tuple[str | float, ...]
    attributes: dict[str, Attribute]

    @property
    def type(self) -> str:
        """The operator as facts count it."""
        return f"{self.domain}::{self.operator}" if self.domain else self.operator

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it reads."""
        return tuple(a for a in self.arguments if isinstance(a, str))


def read_step(line: str) -> Step:
    """Read one line. Raises PydanticCustomError, in words, on text that isn't one."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise _malformed(f"{line!r} is no line of a pattern", "write 'y = Add(m, b)'")
    arguments: list[str | float] = []
    attributes: dict[str, Attribute] = {}
    rest, position = found["arguments"].strip(), 0
    while position < len(rest):
        part = _ARGUMENT.match(rest, position)
        if part is None:
            raise _malformed(f"{rest[position:]!r} in {line!r} can't be read")
        position = part.end()
        if part["attribute"]:
            attributes[part["attribute"]] = _value(part["value"], line)
        elif _NAME.fullmatch(part["value"]):
            arguments.append(part["value"])
        else:
            number = _value(part["value"], line)
            if not isinstance(number, int | float):
                raise _malformed(f"{part['value']} in {line!r} is neither a name nor a number")
            arguments.append(float(number))
    return Step(
        found["made"], found["operator"], found["domain"] or "", tuple(arguments), attributes
    )


def _value(text: str, line: str) -> Attribute:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    listed = value if isinstance(value, list) else [value]
    kinds = {type(item) for item in listed}
    if not kinds or not kinds <= {int, float, str} or (str in kinds and len(kinds) > 1):
        raise _malformed(
            f"{text} in {line!r} is no value",
            'write a number, a text in double quotes, or a list of them: [1, 1], "SAME_UPPER"',
        )
    found: Attribute = value
    return found


def check_pattern(steps: Sequence[Step], by: Step) -> None:
    """Raise OperatorError where a pattern and its replacement don't hang together."""
    made = [step.made for step in steps]
    for place, step in enumerate(steps):
        if step.made in made[:place]:
            raise OperatorError(f"{step.made!r} is made twice", at=("match", place))
        if early := [name for name in step.names if name in made[place:]]:
            raise OperatorError(f"{early[0]!r} is read before it's made", at=("match", place))
    read = {name for step in steps for name in step.names}
    if loose := [place for place, name in enumerate(made[:-1]) if name not in read]:
        raise OperatorError(
            f"nothing reads {made[loose[0]]!r}: a pattern has one output, which the last line "
            "makes",
            at=("match", loose[0]),
        )
    if by.made != made[-1]:
        raise OperatorError(
            f"`by` must make {made[-1]!r}, the output of the pattern, and makes {by.made!r}",
            at=("by",),
        )
    if any(not isinstance(argument, str) for argument in by.arguments):
        raise OperatorError(
            "`by` reads inputs of the pattern, and no numbers",
            at=("by",),
            hint="write an attribute: `alpha=0.5`",
        )
    inputs = read - set(made)
    if foreign := [name for name in by.names if name not in inputs]:
        raise OperatorError(
            f"`by` reads {foreign[0]!r}, which is no input of the pattern",
            at=("by",),
            hint=f"inputs: {', '.join(sorted(inputs)) or 'none'}",
        )


def _malformed(message: str, hint: str | None = None) -> PydanticCustomError:
    context = {"said": message} if hint is None else {"said": message, "hint": hint}
    return PydanticCustomError("malformed_pattern", "{said}", context)
