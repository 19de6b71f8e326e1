"""Where a value came from when it isn't written where the recipe uses it."""

from __future__ import annotations

from recipec.source import Span, SpanTree


class Origin(str):
    """An origin in the words of a diagnostic's note ("from vars.amount at r.yaml:4:11").

    `brief` is how `recipec render` says it, and `home` the place whose file a relative path begins
    at. `text` is the value as it was given where nothing has a type: on the command line, in the
    environment.
    """

    brief: str | None
    home: Span | None
    text: str | None

    def __new__(
        cls,
        note: str,
        brief: str | None = None,
        home: Span | None = None,
        text: str | None = None,
    ) -> Origin:
        made = super().__new__(cls, note)
        made.brief, made.home, made.text = brief, home, text
        return made


def brief_origin(place: SpanTree) -> str:
    """Say in a few words where a value came from: `base.yaml:4`, `--set`, `vars.amount at …`."""
    origin = place.origin
    if isinstance(origin, Origin) and origin.brief:
        return origin.brief
    return f"{place.value.file}:{place.value.line}"


def home(place: SpanTree) -> Span:
    """Give the place in whose file a relative path is meant."""
    origin = place.origin
    found = origin.home if isinstance(origin, Origin) else None
    return place.value if found is None else found


def marked(spans: SpanTree, origin: Origin) -> SpanTree:
    """Give all places in a tree an origin. Subtrees that aliases share stay shared."""
    done: dict[int, SpanTree] = {}

    def mark(node: SpanTree) -> SpanTree:
        if not node.children:
            return node._replace(origin=origin)
        known = done.get(id(node.children))
        if known is None:
            children = {step: mark(inner) for step, inner in node.children.items()}
            known = done[id(node.children)] = node._replace(children=children, origin=origin)
        return node._replace(children=known.children, origin=origin)

    return mark(spans)
