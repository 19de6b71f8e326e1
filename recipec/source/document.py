"""Read recipe text into plain values that remember where they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from recipec.source.span import Span

Key: TypeAlias = str | int
Path: TypeAlias = "tuple[Key, ...]"
Value: TypeAlias = "None | bool | int | float | str | list[Value] | dict[str, Value]"


class DocumentError(Exception):
    def __init__(self, message: str, span: Span) -> None:
        super().__init__(f"{span}: {message}")
        self.message = message
        self.span = span


@dataclass(frozen=True, slots=True)
class SpanTree:
    """Spans shaped like the value: one for the node, one for its key, and its children."""

    value: Span
    key: Span | None = None
    children: Mapping[Key, SpanTree] = field(default_factory=dict)

    def nearest(self, path: tuple[Key, ...]) -> SpanTree:
        """Follow path as far as it was written; a missing key points at its parent."""
        node = self
        for step in path:
            child = node.children.get(step)
            if child is None:
                break
            node = child
        return node


@dataclass(frozen=True, slots=True)
class Document:
    text: str
    value: Value
    spans: SpanTree


class _CoreSchemaLoader(yaml.SafeLoader):
    """YAML 1.2 core scalars: `1e-4` is a number, and `no` and `on` are words."""


_CoreSchemaLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$",
        "-+0123456789.",
    ),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
):
    _CoreSchemaLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(_pattern),
        list(_first) + ([""] if _tag == "null" else []),
    )


def read_document(text: str, file: str) -> Document:
    loader = _CoreSchemaLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise DocumentError("the recipe is empty", Span(file, 1, 1, 1, 1))
        value, spans = _build(loader, root, file, key=None)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise DocumentError(
            error.problem or "not valid YAML", Span(file, line, column, line, column)
        ) from error
    finally:
        loader.dispose()
    return Document(text, value, spans)


def _span(node: yaml.Node, file: str) -> Span:
    start, end = node.start_mark, node.end_mark
    return Span(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _build(
    loader: _CoreSchemaLoader, node: yaml.Node, file: str, key: Span | None
) -> tuple[Value, SpanTree]:
    here = _span(node, file)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Value] = {}
        children: dict[Key, SpanTree] = {}
        for key_node, value_node in node.value:
            name = loader.construct_object(key_node)
            key_span = _span(key_node, file)
            if not isinstance(name, str):
                raise DocumentError(f"a key must be text, not {name!r}", key_span)
            if name in mapping:
                raise DocumentError(f"{name!r} is given twice", key_span)
            mapping[name], children[name] = _build(loader, value_node, file, key_span)
        return mapping, SpanTree(here, key, children)
    if isinstance(node, yaml.SequenceNode):
        built = [_build(loader, item, file, None) for item in node.value]
        return [v for v, _ in built], SpanTree(here, key, {i: s for i, (_, s) in enumerate(built)})
    return loader.construct_object(node), SpanTree(here, key)
