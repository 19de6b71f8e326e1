"""Composition before validation: the file, then `--set`, then variables and look-ups.

The result has the shape of a document: a value, and for each place in it where it was written and,
where that is somewhere else, where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from recipec.diagnostics import Diagnostic, RecipeError, UsageError, error
from recipec.recipe.lookups import LOOKUP, LookupProblem, follow
from recipec.recipe.suggest import suggestion
from recipec.source import Document, DocumentError, Span, SpanTree, Value, read_document

VARIABLE_KEYS = frozenset({"default", "description", "choices", "min", "max"})


class Variable(NamedTuple):
    """An entry of `vars:`. The long form has a `default` or a `description`."""

    value: Value
    description: str | None
    place: SpanTree


def compose(
    document: Document, settings: Iterable[str], environment: Mapping[str, str]
) -> tuple[Value, SpanTree]:
    """Apply `--set` values and look-ups. Raises RecipeError, UsageError for a bad setting."""
    value, spans = document.value, document.spans
    for setting in settings:
        value, spans = _apply(value, spans, setting)
    problems: list[Diagnostic] = []
    composer = _Composer({}, environment, problems)
    for name, variable in _variables(value, spans, problems):
        # A variable may look up those before it, and the environment.
        found, _ = composer.walk(variable.value, variable.place)
        composer.variables[name] = variable._replace(value=found)
    composed = composer.walk(value, spans, top=True)
    if problems:
        raise RecipeError(problems)
    return composed


def _apply(value: Value, spans: SpanTree, setting: str) -> tuple[Value, SpanTree]:
    name, equals, text = setting.partition("=")
    file = f"--set {setting}"
    if not equals or not name.strip():
        raise UsageError(
            error(
                "bad-setting", f"--set {setting!r} is not NAME=VALUE", hint="--set vars.amount=0.5"
            )
        )
    try:
        given = read_document(text, file) if text.strip() else None
    except DocumentError as problem:
        raise UsageError(
            error("bad-setting", f"--set {setting!r}: {problem.message}", hint=problem.hint)
        ) from problem
    span = Span(file, 1, len(name) + 2, 1, len(setting) + 1, setting)
    new = "" if given is None else given.value
    steps = name.strip().split(".")
    if isinstance(value, dict) and len(steps) == 1 and steps[0] not in value:
        declared = value.get("vars")
        if isinstance(declared, dict) and steps[0] in declared:
            steps = ["vars", steps[0]]
    return _put(value, spans, steps, new, _leaf(new, span), setting)


def _leaf(value: Value, span: Span) -> SpanTree:
    origin = f"from --set, column {span.column}"
    children: dict[str | int, SpanTree] = {}
    if isinstance(value, dict):
        children = {name: _leaf(inner, span) for name, inner in value.items()}
    elif isinstance(value, list):
        children = {i: _leaf(inner, span) for i, inner in enumerate(value)}
    return SpanTree(span, span, children, origin)


def _put(
    value: Value, spans: SpanTree, steps: list[str], new: Value, leaf: SpanTree, setting: str
) -> tuple[Value, SpanTree]:
    """Set the value at a path; a step into a list is an index or the `id` of an entry."""
    if not steps:
        return new, leaf
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        index = _index(value, step, setting)
        inner, place = _put(value[index], spans.children[index], rest, new, leaf, setting)
        values = [*value[:index], inner, *value[index + 1 :]]
        return values, spans._replace(children={**spans.children, index: place})
    if not isinstance(value, dict):
        raise UsageError(error("bad-setting", f"--set {setting!r}: nothing is below {step!r}"))
    if step == "vars" or step in value or not rest:
        below = value.get(step, {} if rest else None)
        if rest and step in value and _is_long_variable(value, step, rest):
            rest = [*rest, "default"]
    else:
        below = {}
    place = spans.children.get(step, SpanTree(leaf.value, leaf.value, {}, leaf.origin))
    inner, inner_place = _put(below, place, rest, new, leaf, setting)
    return {**value, step: inner}, spans._replace(children={**spans.children, step: inner_place})


def _is_long_variable(value: dict[str, Value], step: str, rest: list[str]) -> bool:
    variables = value.get("vars")
    return (
        step == "vars"
        and len(rest) == 1
        and isinstance(variables, dict)
        and _long(variables.get(rest[0]))
    )


def _index(entries: list[Value], step: str, setting: str) -> int:
    ids = [str(entry.get("id")) if isinstance(entry, dict) else None for entry in entries]
    if step in ids:
        return ids.index(step)
    if step.isdigit() and int(step) < len(entries):
        return int(step)
    hint = suggestion(step, [i for i in ids if i], "it has")
    raise UsageError(error("bad-setting", f"--set {setting!r}: there is no {step!r}", hint=hint))


def _long(value: Value) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and set(value) <= VARIABLE_KEYS
        and ("default" in value or "description" in value)
    )


def _variables(
    value: Value, spans: SpanTree, problems: list[Diagnostic]
) -> Iterator[tuple[str, Variable]]:
    declared = value.get("vars") if isinstance(value, dict) else None
    places = spans.nearest(("vars",))
    if not isinstance(declared, dict):
        if declared is not None:
            problems.append(error("invalid-value", "vars: this should be a mapping", places.value))
        return
    for name, given in declared.items():
        place = places.nearest((name,))
        if not _long(given) or not isinstance(given, dict):
            yield name, Variable(given, None, place)
            continue
        description = given.get("description")
        words = description if isinstance(description, str) else None
        if "default" not in given:
            problems.append(
                error(
                    "missing-variable",
                    f"the variable {name!r} has no value",
                    place.key or place.value,
                    f"give one with --set {name}=…" + (f" ({words})" if words else ""),
                )
            )
            continue
        default = given["default"]
        problems += _bounds(name, default, given, place.nearest(("default",)))
        yield name, Variable(default, words, place.nearest(("default",)))


def _bounds(
    name: str, value: Value, given: dict[str, Value], place: SpanTree
) -> Iterable[Diagnostic]:
    choices, least, most = given.get("choices"), given.get("min"), given.get("max")
    if isinstance(choices, list) and value not in choices:
        hint = f"one of: {', '.join(map(str, choices))}"
        yield error("variable-bounds", f"{name} can't be {value!r}", place.value, hint)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(least, int | float) and (not numeric or value < least):  # type: ignore[operator]
        yield error("variable-bounds", f"{name} must be at least {least}", place.value)
    if isinstance(most, int | float) and (not numeric or value > most):  # type: ignore[operator]
        yield error("variable-bounds", f"{name} must be at most {most}", place.value)


@dataclass
class _Composer:
    variables: dict[str, Variable]
    environment: Mapping[str, str]
    problems: list[Diagnostic]

    def walk(self, value: Value, spans: SpanTree, *, top: bool = False) -> tuple[Value, SpanTree]:
        if isinstance(value, str) and LOOKUP.search(value):
            return self._follow(value, spans)
        if isinstance(value, str) and "$${" in value:
            return value.replace("$${", "${"), spans
        if isinstance(value, dict):
            composed: dict[str, Value] = {}
            children: dict[str | int, SpanTree] = {}
            for name, inner in value.items():
                if top and (name == "$schema" or name.startswith("x-")):
                    continue
                if top and name == "vars":
                    composed[name] = {n: v.value for n, v in self.variables.items()}
                    children[name] = spans.children[name]
                    continue
                composed[name], children[name] = self.walk(inner, spans.children[name])
            return composed, spans._replace(children=children)
        if isinstance(value, list):
            walked = [self.walk(inner, spans.children[i]) for i, inner in enumerate(value)]
            places: dict[str | int, SpanTree] = {i: place for i, (_, place) in enumerate(walked)}
            return [v for v, _ in walked], spans._replace(children=places)
        return value, spans

    def _follow(self, text: str, place: SpanTree) -> tuple[Value, SpanTree]:
        values = {name: variable.value for name, variable in self.variables.items()}
        try:
            value, used = follow(text, values, self.environment, place)
        except LookupProblem as problem:
            self.problems.append(problem.diagnostic)
            return text, place
        origin = "; ".join(_origin(name, self.variables[name]) for name in used) or place.origin
        return value, _same_place(value, place._replace(origin=origin))


def _same_place(value: Value, place: SpanTree) -> SpanTree:
    """Give all values inside a looked-up value the place of the look-up."""
    inner: Iterable[tuple[Any, Value]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    children = {step: _same_place(v, place._replace(key=place.value)) for step, v in inner}
    return place._replace(children=children)


def _origin(name: str, variable: Variable) -> str:
    where = variable.place.value
    said = f" ({variable.description})" if variable.description else ""
    if where.file.startswith("--set"):
        return f"from vars.{name}{said}, given by {where.file}"
    return f"from vars.{name}{said} at {where}; change it with --set {name}=…"
