"""Find the references in an operator's parameters: edges, files and code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any, Final

from pydantic import BaseModel

from recipec.api.references import Reference
from recipec.source import Path

_PLAIN: Final = frozenset({bool, int, float, str, NoneType})


def references(value: object, path: Path = ()) -> Iterator[tuple[Path, Reference]]:
    """Give all references below a value, each with its place."""
    if isinstance(value, Reference):
        yield path, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if type(inner) not in _PLAIN:
                yield from references(inner, (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from references(inner, (*path, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from references(inner, (*path, index))


def port_name(path: Path) -> str:
    """Give the input port that an edge from a parameter arrives on (`calibration.data`)."""
    return ".".join(map(str, path))


def replaced(params: dict[str, Any], new: Mapping[Path, Any]) -> dict[str, Any]:
    """Give parameters with the values at some places replaced; None takes a value out."""

    def walk(value: Any, path: Path) -> Any:
        if path in new:
            return new[path]
        if isinstance(value, dict):
            walked = {name: walk(inner, (*path, name)) for name, inner in value.items()}
            return {n: v for n, v in walked.items() if (*path, n) not in new or v is not None}
        if isinstance(value, list):
            return [walk(inner, (*path, index)) for index, inner in enumerate(value)]
        return value

    result: dict[str, Any] = walk(params, ())
    return result
