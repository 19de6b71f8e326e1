"""Pydantic's validation errors → diagnostics at their place in the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recipec.diagnostics import MOST_ERRORS, Diagnostic, error
from recipec.recipe.suggest import nearest_name, suggestion
from recipec.source import Path, SpanTree


def diagnose(
    problem: ValidationError,
    model: type[BaseModel],
    spans: SpanTree,
    given: Mapping[str, Any] | None = None,
    at: Path = (),
    label: str = "the recipe",
) -> Iterator[Diagnostic]:
    """Give one diagnostic for each wrong place below `at`.

    `given` is the value that was refused and `label` what to call it. The errors of a union's
    branches are one problem for a place, and none where a branch fits and is wrong further in. A
    key that is missing because it is misspelt is told once.
    """
    from recipec.recipe.wording import OF_THE_WHOLE  # only needed once something is wrong

    told = problem.errors(include_url=False)[: 10 * MOST_ERRORS]  # enough to find as many places
    errors = [(_written(e, given), e) for e in told]
    unknown = {path for path, details in errors if details["type"] == "extra_forbidden"}
    within = {path[:end] for path, _ in errors for end in range(len(path))}
    places: dict[tuple[Path, str], list[ErrorDetails]] = {}
    for path, details in errors:
        kind = details["type"]
        missing = kind == "missing"
        if (missing and _misspelt(path, unknown)) or (kind in OF_THE_WHOLE and path in within):
            continue
        alone = kind if missing or kind == "extra_forbidden" else ""
        places.setdefault((path, alone), []).append(details)
    for (path, alone), together in places.items():
        place = _place(spans, at + path, alone == "missing")
        where = _named(path[:-1], given, label)
        yield _diagnostic(together, path, model, place, where, _value(given, path))


def _place(spans: SpanTree, path: Path, missing: bool) -> SpanTree:
    """Give the nearest place that was written; within a looked-up value, that of the look-up."""
    place, lacking = spans, len(path)
    for step in path:
        if step not in place.children:
            break
        place, lacking = place.children[step], lacking - 1
    return place._replace(key=None) if lacking > missing else place


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
    beside = [str(other[-1]) for other in unknown if other[:-1] == path[:-1]]
    return nearest_name(str(path[-1]), beside) is not None


def _written(details: ErrorDetails, given: object) -> Path:
    """Keep the steps of a location that exist in the value: Pydantic adds union branches to it."""
    path: list[str | int] = []
    loc = details["loc"]
    for index, step in enumerate(loc):
        if isinstance(given, list | tuple):
            if isinstance(step, int) and step < len(given):
                given = given[step]
                path.append(step)
        elif given is None or isinstance(given, Mapping):
            last = index == len(loc) - 1
            if given and step not in given and not (last and details["type"] == "missing"):
                continue  # the branch of a union of mappings; only a last step can be missing
            given = given.get(step) if given else None
            path.append(step)
    return tuple(path)


def _value(given: object, path: Path) -> Any:
    """Give what is written at a place, which validators may have changed already."""
    value: Any = given
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else value[step] if value else None
    return value


def _diagnostic(
    told: list[ErrorDetails],
    path: Path,
    model: type[BaseModel],
    place: SpanTree,
    where: str,
    given: Any,
) -> Diagnostic:
    from recipec.recipe.fields import spot  # only needed once something is wrong
    from recipec.recipe.wording import form, hint, sentence

    details, *_ = told
    kind, loc = details["type"], details["loc"]
    name = str(path[-1]) if path else where
    if kind == "extra_forbidden":
        message, advice = f"{where} has no {name!r}", _keys_there(model, loc[:-1], name)
        return error("unknown-key", message, place.key or place.value, advice, place.origin)
    if kind == "missing":
        message, advice = f"{where} needs {name!r}", _described(model, loc, name)
        return error("missing-key", message, place.key or place.value, advice, place.origin)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _untagged(details, place, where if not path else f"{where}.{name}", model)
    if loc and loc[-1] == "[key]":
        message = sentence(where, told, spot(model, loc[:-1]), name)
        return error("invalid-value", message, place.key or place.value, hint(told), place.origin)
    if path and isinstance(path[-1], int):
        name = f"{path[-2] if len(path) > 1 else where}[{path[-1]}]"
    found = spot(model, loc)
    choices = [choice for choice in found.choices if isinstance(choice, str)]
    near = suggestion(given, choices, close=True) if isinstance(given, str) else None
    message = sentence(name, told, found, given)
    field = next((step for step in reversed(path) if isinstance(step, str)), name)
    advice = hint(told) or near or form(told, found) or _described(model, loc, field)
    return error("invalid-value", message, place.value, advice, place.origin)


def _untagged(
    details: ErrorDetails, place: SpanTree, where: str, model: type[BaseModel]
) -> Diagnostic:
    """Say that a mapping doesn't name the form that it has, or names one that there isn't."""
    from recipec.recipe.wording import alternatives

    context = details["ctx"]
    key = str(context["discriminator"]).strip("'")
    if details["type"] == "union_tag_not_found":
        from recipec.recipe.fields import spot

        kinds = [kind for one in spot(model, details["loc"]).models for kind in _tags(one, key)]
        advice = f"{key}: {alternatives(kinds)}" if kinds else None
        return error("missing-key", f"{where} needs {key!r}", place.key or place.value, advice)
    kinds = [tag.strip("'") for tag in str(context["expected_tags"]).split(", ")]
    wrong = str(context["tag"])
    named = place.children.get(key, place)
    message = f"{key} should be {alternatives([repr(kind) for kind in kinds])}, not {wrong!r}"
    advice = suggestion(wrong, kinds, close=True)
    return error("invalid-value", message, named.value, advice, named.origin)


def _tags(model: type[BaseModel], key: str) -> tuple[str, ...]:
    from typing import get_args

    field = model.model_fields.get(key)
    return get_args(field.annotation) if field is not None else ()


def _keys_there(model: type[BaseModel], loc: Path, name: str) -> str | None:
    """Give a hint for a key that a place doesn't have."""
    from recipec.recipe.fields import holders, spot

    found = spot(model, loc)
    near = suggestion(name, found.keys, close=True)
    inner = [holder for one in found.models for holder in holders(one, name)]
    if inner:  # the very name, one level down
        return f"{name!r} is a key of {inner[0]}: write {inner[0]}: {{{name}: …}}"
    advice = near or suggestion(name, found.keys, "it has")
    if near is None and "with" in found.keys:
        return f"an operator's parameters stand under `with:`; {advice}"
    return advice


def _described(model: type[BaseModel], loc: Path, name: str) -> str | None:
    """Give the description of the field at a location, as a hint."""
    from recipec.recipe.fields import spot

    field = spot(model, loc).field
    return f"{name}: {field.description}" if field and field.description else None
