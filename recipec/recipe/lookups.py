"""`${…}` look-ups: `${vars.x}`, `${env:HOME}`, each with an optional default after `:-`.

A string that is one look-up takes the value with its type; within a longer string the value is
written as text. `$${` is a literal `${`. Nothing is ever evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from recipec.diagnostics import Diagnostic, error
from recipec.recipe.suggest import suggestion
from recipec.source import SpanTree, Value

LOOKUP: Final = re.compile(r"(?<!\$)\$\{([^{}]*)\}")
_FORM: Final = re.compile(
    r"\s*(?:vars\.(?P<var>[A-Za-z_][\w-]*)|env:(?P<env>[A-Za-z_]\w*))\s*(?::-(?P<default>.*))?"
)


class LookupProblem(Exception):
    """A look-up that can't be followed."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def follow(
    text: str, variables: Mapping[str, Value], environment: Mapping[str, str], place: SpanTree
) -> tuple[Value, tuple[str, ...]]:
    """Replace the look-ups in a string; give the value and the variables that it came from.

    Raises LookupProblem.
    """
    used: list[str] = []

    def one(inner: str) -> Value:
        form = _FORM.fullmatch(inner)
        if form is None:
            raise LookupProblem(
                error(
                    "unknown-lookup",
                    f"${{{inner}}} is not a look-up",
                    place.value,
                    "write ${vars.NAME} or ${env:NAME}, with a default as ${vars.NAME:-default}; "
                    "a literal ${ is written $${",
                    place.origin,
                )
            )
        name, default = form["var"], form["default"]
        if name is not None and name in variables:
            used.append(name)
            return variables[name]
        if form["env"] is not None and form["env"] in environment:
            return environment[form["env"]]
        if default is not None:
            return str(default)
        if name is not None:
            message, hint = f"there is no variable {name!r}", suggestion(name, variables, "vars")
        else:
            message = f"the environment has no {form['env']!r}"
            hint = f"set it, or give a default: ${{env:{form['env']}:-…}}"
        raise LookupProblem(error("unknown-variable", message, place.value, hint, place.origin))

    whole = LOOKUP.fullmatch(text)
    if whole:
        return one(whole[1]), tuple(used)
    value = LOOKUP.sub(lambda match: _as_text(one(match[1])), text)
    return value.replace("$${", "${"), tuple(used)


def _as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
