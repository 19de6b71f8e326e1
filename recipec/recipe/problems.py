"""Pydantic's validation errors → diagnostics at their place in the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recipec.diagnostics import Diagnostic, error
from recipec.recipe.suggest import suggestion
from recipec.source import Path, SpanTree


def diagnose(
    problem: ValidationError,
    model: type[BaseModel],
    spans: SpanTree,
    at: Path = (),
    given: Mapping[str, Any] | None = None,
) -> Iterator[Diagnostic]:
    """Give one diagnostic for each wrong place below `at`; `given` is the value that was refused.

    A union tells one error for each of its branches: only the first is kept for a place.
    """
    seen: set[tuple[Any, ...]] = set()
    errors = [(_written(e["loc"], given), e) for e in problem.errors(include_url=False)]
    unknown = {path for path, details in errors if details["type"] == "extra_forbidden"}
    for path, details in errors:
        missing = details["type"] == "missing"
        if (path, missing) in seen or (missing and _misspelt(path, unknown)):
            continue
        seen.add((path, missing))
        yield _diagnostic(details, path, model, spans.nearest(at + path), at)


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
    details: ErrorDetails, path: Path, model: type[BaseModel], place: SpanTree, at: Path
) -> Diagnostic:
    kind = details["type"]
    where = ".".join(map(str, at + path[:-1])) or "the recipe"
    if kind == "extra_forbidden":
        name = str(path[-1])
        known = _fields_at(model, path[:-1])
        return error(
            "unknown-key",
            f"{where} has no {name!r}",
            place.key or place.value,
            suggestion(name, known, "it has"),
            place.origin,
        )
    if kind == "missing":
        return error(
            "missing-key",
            f"{where} needs {path[-1]!r}",
            place.key or place.value,
            _described(model, path),
            place.origin,
        )
    message = details["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if not kind.startswith(("unit_", "gate_", "reserved_", "malformed_")):
        message = f"{path[-1] if path else where}: {message[0].lower()}{message[1:]}"
        if not isinstance(details["input"], dict | list):
            message += f", not {details['input']!r}"
    hint = details.get("ctx", {}).get("hint") or _described(model, path)
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
