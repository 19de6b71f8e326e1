"""Names of places in a recipe, as `--set` and the axes of a matrix use them.

`amount` (a variable), `vars.amount`, `seed`, `stages.prune.with.round_to`, `gates.0.max_drop`:
steps between dots; a step into a list is the `id` of an entry or its number. A key that has a dot
itself is written in quotes: `stages.prune.with.amounts."layer1.0"`.
"""

from __future__ import annotations

import re
from typing import Final

from recipec.api.notation import shown
from recipec.recipe.merge import OWN_KEYS, SOURCE_KEYS
from recipec.recipe.model import RecipeSpec
from recipec.recipe.placed import Placed
from recipec.recipe.suggest import suggestion
from recipec.recipe.variables import is_declaration
from recipec.source import Path, SpanTree, Value

_STEP: Final = re.compile(r'"([^"]+)"|([^."]+)')
_NAME: Final = re.compile(rf"(?:{_STEP.pattern})(?:\.(?:{_STEP.pattern}))*")


class NameProblem(Exception):
    """A name that leads nowhere."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def fields() -> frozenset[str]:
    """Give the top-level keys of a recipe."""
    return frozenset(RecipeSpec.model_fields)


def resolve(root: Placed, name: str) -> Path:
    """Give the path that a name means in a recipe. Raises NameProblem.

    A variable in the long form stands for its `default`. Below what is there, new keys may be
    named: whether they make sense is told when the recipe is validated.
    """
    steps = _steps(name)
    variables = root.get("vars")
    declared = dict(variables.items()) if variables else {}
    first = steps[0]
    if first in SOURCE_KEYS or first in ("apiVersion", "matrix"):
        hint = {"presets": "choose with --preset", "matrix": "choose with --variant"}.get(first)
        raise NameProblem(f"{first!r} can't be set: it is read before anything is set", hint)
    if len(steps) == 1 and first in declared:
        if first in fields():
            hint = f"write vars.{first}, or rename the variable"
            raise NameProblem(f"{first!r} could be the recipe's own key or the variable", hint)
        steps = ["vars", first]
    elif first not in fields() and first not in OWN_KEYS:
        known = {*declared, *fields()} - {"apiVersion", "vars"}
        message = f"there is no variable {first!r}" if len(steps) == 1 else f"no key {first!r}"
        raise NameProblem(message, suggestion(first, known, "it can be one of"))
    if steps[0] == "vars":
        if len(steps) == 1:
            raise NameProblem("variables are set one by one", "write vars.NAME=VALUE")
        if steps[1] not in declared:
            hint = suggestion(steps[1], declared, "vars")
            raise NameProblem(f"there is no variable {steps[1]!r}", hint)
        if len(steps) == 2 and is_declaration(declared[steps[1]].value):
            steps.append("default")
    return _followed(root.value, steps)


def _steps(name: str) -> list[str]:
    if not _NAME.fullmatch(name):
        hint = 'steps between dots, e.g. stages.prune.with.amount; a key with a dot in "quotes"'
        raise NameProblem(f"{name!r} is not the name of a value", hint)
    return [quoted or plain for quoted, plain in _STEP.findall(name)]


def _followed(value: Value, steps: list[str]) -> Path:
    """Follow the steps as far as something is there; the others are keys that will be new."""
    path: list[str | int] = []
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if isinstance(value, list):
            index = _index(value, step)
            path.append(index)
            value = value[index]
        elif isinstance(value, dict):
            if step not in value and path == ["data"] and not last:
                raise NameProblem(f"there is no data {step!r}", suggestion(step, value, "data"))
            if step not in value and path == [] and step in ("stages", "model") and not last:
                raise NameProblem(f"the recipe has no {step!r}")
            path.append(step)
            value = value.get(step, {})
        else:
            raise NameProblem(
                f"nothing is below {'.'.join(steps[:number])!r}: it is {shown(value)}"
            )
    return tuple(path)


def _index(entries: list[Value], step: str) -> int:
    for index, entry in enumerate(entries):
        if isinstance(entry, dict) and entry.get("id") == step:
            return index
    if step.isascii() and step.isdigit() and len(step) < 8 and int(step) < len(entries):
        return int(step)
    ids = [str(e["id"]) for e in entries if isinstance(e, dict) and "id" in e]
    what = "stage" if ids else "entry"
    hint = suggestion(step, ids, "stages") or f"it has {len(entries)} entries, counted from 0"
    raise NameProblem(f"there is no {what} {step!r}", hint)


def put(root: Placed, path: Path, new: Placed) -> Placed:
    """Give the recipe with another value at a path that `resolve` gave."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(root.value, list) and isinstance(step, int):
        return root.replaced({step: put(root.at(step), rest, new)})
    if isinstance(root.value, dict) and isinstance(step, str):
        beneath = root.get(step) or Placed({}, SpanTree(new.spans.value, new.spans.key))
        return root.updated({step: put(beneath, rest, new)})
    raise TypeError(f"{step!r} leads nowhere")
