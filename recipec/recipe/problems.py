"""Pydantic's validation errors → diagnostics at their place in the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recipec.diagnostics import Diagnostic, error
from recipec.recipe.suggest import suggestion
from recipec.source import Path, SpanTree

OWN = ("unit_", "gate_", "reserved_", "malformed_")
"""Prefixes of recipec's own error types, whose messages are whole sentences."""

_IN_WORDS: Mapping[str, str] = {
    "tuple_type": "this should be a list",
    "list_type": "this should be a list",
    "dict_type": "this should be a mapping of keys to values",
    "model_type": "this should be a mapping of keys to values",
    "model_attributes_type": "this should be a mapping of keys to values",
    "too_short": "this needs at least {min_length} entries",
    "string_type": "this should be text",
    "float_type": "this should be a number",
    "float_parsing": "this should be a number",
    "int_type": "this should be a whole number",
    "int_parsing": "this should be a whole number",
    "int_from_float": "this should be a whole number",
    "bool_type": "this should be true or false",
    "bool_parsing": "this should be true or false",
}
"""Pydantic speaks of Python's types; a recipe's author writes YAML."""


def diagnose(
    problem: ValidationError,
    model: type[BaseModel],
    spans: SpanTree,
    given: Mapping[str, Any] | None = None,
    at: Path = (),
    label: str = "the recipe",
) -> Iterator[Diagnostic]:
    """Give one diagnostic for each wrong place below `at`.

    `given` is the value that was refused and `label` what to call it. A union tells one error for
    each of its branches: only the first is kept for a place. A key that is missing because it is
    misspelt is told once.
    """
    seen: set[tuple[Any, ...]] = set()
    errors = [(_written(e["loc"], given), e) for e in problem.errors(include_url=False)]
    unknown = {path for path, details in errors if details["type"] == "extra_forbidden"}
    for path, details in errors:
        missing = details["type"] == "missing"
        if (path, missing) in seen or (missing and _misspelt(path, unknown)):
            continue
        seen.add((path, missing))
        place = spans.nearest(at + path)
        yield _diagnostic(details, path, model, place, _named(path[:-1], given, label))


def _named(path: Path, given: Mapping[str, Any] | None, label: str) -> str:
    """Name a place as its author would: an entry of a list by its id."""
    value: Any = given
    name = label
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        id = value.get("id") if isinstance(value, dict) else None
        if isinstance(step, int) and isinstance(id, str):
            name = f"{name.rstrip('s')} {id!r}" if name.endswith("s") else f"{name} {id!r}"
        elif isinstance(step, int):
            name = f"{name}[{step}]"
        else:
            name = step if name == "the recipe" else f"{name}.{step}"
    return name


def _misspelt(path: Path, unknown: set[Path]) -> bool:
    """Say whether a missing key is there under a name that is nearly right."""
    from difflib import get_close_matches  # only needed once something is wrong

    beside = [str(other[-1]) for other in unknown if other[:-1] == path[:-1]]
    return bool(get_close_matches(str(path[-1]), beside, n=1, cutoff=0.6))


def _written(loc: tuple[str | int, ...], given: object) -> Path:
    """Keep the steps of a location that exist in the value: Pydantic adds union branches to it."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(given, list | tuple):
            if isinstance(step, int) and step < len(given):
                given = given[step]
                path.append(step)
        elif given is None or isinstance(given, Mapping):
            given = given.get(step) if given else None
            path.append(step)
    return tuple(path)


def _diagnostic(
    details: ErrorDetails, path: Path, model: type[BaseModel], place: SpanTree, where: str
) -> Diagnostic:
    kind, name = details["type"], str(path[-1]) if path else where
    if kind == "extra_forbidden":
        hint = suggestion(name, _fields_at(model, path[:-1]), "it has")
        message = f"{where} has no {name!r}"
        return error("unknown-key", message, place.key or place.value, hint, place.origin)
    if kind == "missing":
        hint, message = _described(model, path), f"{where} needs {name!r}"
        return error("missing-key", message, place.key or place.value, hint, place.origin)
    context = details.get("ctx", {})
    message = details["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind in _IN_WORDS:
        message = _IN_WORDS[kind].format(**context)
    if not kind.startswith(OWN):
        message = f"{name}: {message[0].lower()}{message[1:]}"
        if not isinstance(details["input"], dict | list | tuple):
            message += f", not {details['input']!r}"
    hint = context.get("hint") or _described(model, path)
    return error("invalid-value", message, place.value, hint, place.origin)


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Follow a path through nested models, tuples and dicts of models."""
    from typing import get_args

    for step in path:
        if isinstance(step, int):
            continue
        found = _field(model, str(step))
        if found is None:
            continue  # a name in a mapping of models
        nested = [found.annotation, *_all_args(found.annotation, get_args)]
        models = [t for t in nested if isinstance(t, type) and issubclass(t, BaseModel)]
        if not models:
            return None
        model = models[0]
    return model


def _all_args(annotation: Any, get_args: Any) -> Iterator[Any]:
    for inner in get_args(annotation):
        yield inner
        yield from _all_args(inner, get_args)


def _field(model: type[BaseModel], name: str) -> Any:
    for key, field in model.model_fields.items():
        if name == (field.alias or key):
            return field
    return None


def _fields_at(model: type[BaseModel], path: Path) -> list[str]:
    found = _model_at(model, path)
    return [] if found is None else [f.alias or n for n, f in found.model_fields.items()]


def _described(model: type[BaseModel], path: Path) -> str | None:
    """Give the description of the field at a path, as a hint."""
    if not path or isinstance(path[-1], int):
        return None
    parent = _model_at(model, path[:-1])
    field = _field(parent, str(path[-1])) if parent else None
    return f"{path[-1]}: {field.description}" if field and field.description else None
