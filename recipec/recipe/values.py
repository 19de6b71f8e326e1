"""Types and bounds of variables."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import Any, Final

from recipec.api.notation import shown
from recipec.diagnostics import Diagnostic
from recipec.recipe.origins import Origin
from recipec.recipe.placed import Placed
from recipec.recipe.variable_model import Variable, VariableType
from recipec.source import DocumentError, Value, read_document

_TYPES: Final[dict[str, tuple[type | tuple[type, ...], str]]] = {
    "string": (str, "text"),
    "number": ((int, float), "a number"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "list": (list, "a list"),
    "mapping": (dict, "a mapping of keys to values"),
}


def fits(value: Value, type: VariableType) -> bool:
    """Say whether a value is of a type; true and false are no numbers."""
    if isinstance(value, bool):
        return type == "boolean"
    return isinstance(value, _TYPES[type][0])


def described(type: VariableType) -> str:
    """Say in words what values a type has."""
    return _TYPES[type][1]


def converted(placed: Placed, type: VariableType) -> Placed:
    """Read text of the command line or the environment as a type; other values stay as they are.

    What can't be read so stays text, and doesn't fit.
    """
    origin = placed.spans.origin
    if not isinstance(origin, Origin) or origin.text is None:
        return placed
    value: Value = origin.text
    if type != "string":
        try:
            value = read_document(origin.text, "").value if origin.text.strip() else ""
        except DocumentError:
            value = origin.text
    typed = Origin(str(origin), origin.brief, origin.home)
    return Placed(value, placed.spans._replace(origin=typed))


def bounds_problem(name: str, value: Value, variable: Variable) -> str | None:
    """Say how a value breaks a variable's choices or bounds, None when it doesn't."""
    if variable.choices is not None and not any(_same(value, one) for one in variable.choices):
        allowed = ", ".join(map(shown, variable.choices))
        return f"{name} can't be {shown(value)}; it is one of: {allowed}"
    least, most = variable.min, variable.max
    number: float = nan  # which is neither at least nor at most
    if isinstance(value, int | float) and fits(value, "number"):
        number = value
    if least is not None and not number >= least:
        return f"{name} must be at least {_bound(least)}, not {shown(value)}"
    if most is not None and not number <= most:
        return f"{name} must be at most {_bound(most)}, not {shown(value)}"
    return None


def declaration_problems(name: str, variable: Variable, declared: Placed) -> Iterator[Diagnostic]:
    """Check choices and bounds against the type, and against each other."""
    choices = declared.get("choices")
    for choice in choices.entries() if choices and variable.type else ():
        if variable.type and not fits(choice.value, variable.type):
            message = (
                f"the choice {shown(choice.value)} of {name} is not {described(variable.type)}"
            )
            yield choice.error("variable-type", message)
    for bound in ("min", "max"):
        given = declared.get(bound)
        if given and given.value is not None and variable.type not in (None, "number", "integer"):
            message = f"{bound} is for numbers, and {name} should be {described(variable.type)}"
            yield given.key_error("variable-type", message)
    if variable.min is not None and variable.max is not None and variable.min > variable.max:
        message = f"no number is at least {_bound(variable.min)} and at most {_bound(variable.max)}"
        yield declared.at("min").error("variable-bounds", message)


def _bound(value: float) -> str:
    return shown(int(value) if value.is_integer() else value)


def _same(value: Any, other: Any) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)
