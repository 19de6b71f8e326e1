"""`vars:`: values with names, in the short form (a value) or declared with a type and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from recipec.api.notation import shown
from recipec.diagnostics import Diagnostic
from recipec.recipe.lookups import LOOKUP, Known, Names
from recipec.recipe.placed import Placed
from recipec.recipe.problems import diagnose
from recipec.recipe.substitute import Substitution
from recipec.recipe.values import bounds_problem, converted, declaration_problems, described, fits
from recipec.recipe.variable_model import Variable
from recipec.source import Value

_TELLING: Final = ("default", "type", "description")
"""The keys that tell a declaration from a mapping that is a value itself."""
_NAME: Final = re.compile(r"[A-Za-z_][\w-]*")
_REFERENCE: Final = re.compile(r"\s*vars\.([A-Za-z_][\w-]*)")


def is_declaration(value: Value) -> bool:
    """Say whether an entry of `vars:` has the long form, `{type, default, …}`."""
    return isinstance(value, dict) and any(key in value for key in _TELLING)


def merge_variables(base: Placed, over: Placed) -> Placed:
    """Merge variables: a plain value is a new default of a declared one, as with `--set`."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    changed: dict[str, Placed] = {}
    for name, inner in over.items():
        beneath = base.get(name)
        if beneath is None or not is_declaration(beneath.value):
            changed[name] = inner
        elif is_declaration(inner.value):
            changed[name] = beneath.updated(dict(inner.items()))
        else:
            changed[name] = beneath.updated({"default": inner})
    return base.updated(changed)


def read_variables(
    variables: Placed, names: Names, substitution: Substitution, problems: list[Diagnostic]
) -> None:
    """Check all variables and make them known to `names`.

    A variable may look up others, wherever they stand. One with a problem is `failed`: to look it
    up is no second problem.
    """
    if not isinstance(variables.value, dict):
        problems.append(variables.error("invalid-value", "vars: this should be a mapping"))
        return
    for name, declared in _ordered(dict(variables.items()), names, problems):
        before = len(problems) + names.consequences
        if not _NAME.fullmatch(name):
            hint = "for example amount: letters, digits, - and _, beginning with a letter"
            message = f"{name!r} can't name a variable"
            problems.append(declared.key_error("invalid-value", message, hint))
        walked = substitution.walk(declared)
        known = None
        if len(problems) + names.consequences == before:
            known = _read(name, walked, problems)
        if known is None or len(problems) + names.consequences > before:
            names.failed.add(name)
        else:
            names.variables[name] = known


def _read(name: str, declared: Placed, problems: list[Diagnostic]) -> Known | None:
    """Check one variable, and give its value; None says that it has none."""
    if not is_declaration(declared.value):
        problems += _misspelt(name, declared)
        return Known(declared)
    given: Any = declared.value
    try:
        variable = Variable.model_validate(given)
    except ValidationError as problem:
        label = f"the variable {name!r}"
        problems += diagnose(problem, Variable, declared.spans, given, label=label)
        return None
    wrong = list(declaration_problems(name, variable, declared))
    if wrong:
        problems += wrong
        return None
    default = declared.get("default")
    if default is None:
        said = f" ({variable.description})" if variable.description else ""
        way = f"give one with --set {name}=…{said}"
        problems.append(
            declared.key_error("missing-variable", f"the variable {name!r} has no value", way)
        )
        return None
    if variable.type is not None:
        default = converted(default, variable.type)
        if not fits(default.value, variable.type):
            message = f"{name} should be {described(variable.type)}, not {shown(default.value)}"
            hint = _declaration(name, declared, default)
            problems.append(default.error("variable-type", message, hint))
            return None
    if broken := bounds_problem(name, default.value, variable):
        hint = _declaration(name, declared, default)
        problems.append(default.error("variable-bounds", broken, hint))
    return Known(default, variable.description)


def _declaration(name: str, declared: Placed, value: Placed) -> str | None:
    """Point at the declaration of a variable whose value comes from somewhere else."""
    key, here = declared.spans.key or declared.spans.value, value.spans.value
    if key.file == here.file and key.line <= here.line <= declared.spans.value.end_line:
        return None
    return f"vars.{name} is declared at {key.file}:{key.line}"


def _misspelt(name: str, given: Placed) -> Iterator[Diagnostic]:
    """Tell of a mapping that is a declaration but for a misspelt key."""
    fields = Variable.model_fields
    if not isinstance(given.value, dict) or not given.value:
        return
    unknown = [key for key in given.value if key not in fields]
    if len(unknown) != 1:
        return
    from difflib import get_close_matches  # only for a mapping that is nearly a declaration

    if nearest := get_close_matches(unknown[0], fields, n=1, cutoff=0.75):
        yield given.at(unknown[0]).key_error(
            "unknown-key",
            f"the variable {name!r} has no {unknown[0]!r}",
            f"did you mean {nearest[0]!r}? (a mapping as a value is written {{default: {{…}}}})",
        )


def _ordered(
    declared: Mapping[str, Placed], names: Names, problems: list[Diagnostic]
) -> Iterator[tuple[str, Placed]]:
    """Give variables so that each comes after those it looks up; circles are told and left out."""
    needs = {
        name: [n for n in _references(placed.value) if n in declared]
        for name, placed in declared.items()
    }
    state: dict[str, bool] = {}  # False: being read, True: done
    for start in declared:
        way = [start] if start not in state else []
        while way:
            name = way[-1]
            state.setdefault(name, False)
            while needs[name] and state.get(needs[name][-1]):
                needs[name].pop()
            if not needs[name]:
                state[way.pop()] = True
                if name not in names.failed:
                    yield name, declared[name]
            elif (waiting := needs[name][-1]) in state:
                circle = [*way[way.index(waiting) :], waiting]
                message = f"variables look each other up in a circle: {' → '.join(circle)}"
                problems.append(declared[waiting].error("lookup-circle", message))
                names.failed |= set(circle)
                needs[name].pop()
            else:
                way.append(waiting)


def _references(value: Value) -> Iterator[str]:
    """Give the variables that a value looks up."""
    if isinstance(value, str):
        for inner in LOOKUP.findall(value) if "${" in value else ():
            if form := _REFERENCE.match(inner):
                yield form[1]
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _references(inner)
