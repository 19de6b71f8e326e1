"""Layer selectors: one grammar for every operator that chooses layers.

layer1.*          a glob over layer names (`*` also matches dots)
re:layer[12]\\..*   a regular expression that must match the whole name
type:Conv2d       layers of a type; a glob too (`type:Conv*`)

In an operator's parameters a list of them is of the type `Selectors`; `choose` (or `select`) does
the rest, and what it gives has the `matched` of a `StagePlan`:

    chosen = choose(table, self.with_.include, self.with_.exclude)
    return StagePlan({"model": ...}, matched=chosen.matched)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from recipec.api.errors import OperatorError
from recipec.api.expressions import LONGEST, MOST, BadExpression, cost, expression, glob
from recipec.api.layers import Layer, LayerTable

GRAMMAR: Final = "a glob of layer names (`layer1.*`), `re:EXPRESSION`, or `type:GLOB`"
MANY: Final = 10_000
"""Selectors of one parameter."""
MOST_TOLD: Final = 100
"""Of how many selectors that match nothing an error tells."""
HINTED: Final = 3
"""For how many selectors that match nothing the nearest layer is looked for."""
_PREFIXES: Final = {"glob": "", "name": "", "regex": "re:", "regexp": "re:", "class": "type:"}
"""What people write before a colon, and what stands there."""


@lru_cache(maxsize=512)  # thousands of stages may share a few selectors
def matcher(selector: str) -> Callable[[Layer], bool]:
    """Give a function that says whether a selector matches a layer.

    Raises PydanticCustomError, in words, on text that isn't a selector.
    """
    kind, colon, rest = selector.partition(":")
    if len(selector) > LONGEST:
        raise _malformed(f"a selector has {LONGEST} characters at most, and this one more")
    if colon and not rest.strip():
        raise _malformed(f"{selector!r} selects nothing", f"write {GRAMMAR}")
    if not selector.strip():
        raise _malformed("a selector can't be empty", f"write {GRAMMAR}")
    if colon and kind == "type":
        of_type = glob(rest)
        return lambda layer: of_type(layer.type)
    if colon and kind == "re":
        try:
            named = expression(rest)
        except BadExpression as problem:
            at = f" at character {problem.position + 3}" if problem.position else ""
            message = f"{selector!r} is not a regular expression: {problem.message}{at}"
            raise _malformed(message, problem.hint) from problem
        return lambda layer: named(layer.name)
    if colon and (instead := _meant(kind)) is not None:
        hint = f"did you mean {instead + rest!r}?"
        raise _malformed(f"{kind + ':'!r} is no kind of selector", hint)
    of_name = glob(selector)
    return lambda layer: of_name(layer.name)


def _meant(kind: str) -> str | None:
    from difflib import get_close_matches  # only for what is no known kind

    folded = kind.strip().casefold()
    if folded in ("re", "type"):
        return f"{folded}:"
    close = get_close_matches(folded, [*_PREFIXES, "type"], n=1, cutoff=0.7)
    return _PREFIXES.get(close[0], "type:") if close else None


def _malformed(message: str, hint: str | None = None) -> PydanticCustomError:
    context = {"said": message} if hint is None else {"said": message, "hint": hint}
    return PydanticCustomError("malformed_selector", "{said}", context)


def _selector(text: str) -> str:
    matcher(text)
    return text


def _affordable(selectors: object) -> object:
    """Refuse what would take long to match, before it is even compiled."""
    given = selectors if isinstance(selectors, list | tuple) else ()
    if len(given) > MANY:
        raise _malformed(f"a list has {MANY:,} selectors at most", "let globs select more")
    texts = [text for text in given if isinstance(text, str) and text.startswith("re:")]
    if cost(text.removeprefix("re:") for text in texts) > MOST:
        raise _malformed(
            "these regular expressions are too long, or repeat too much in braces",
            "write globs, or `+` and `*` instead of counts",
        )
    return selectors


class SelectorsMark:
    """Marks a parameter as a list of selectors, for whoever looks at an operator's fields."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "x-recipec-quantity": "selectors"}


Selector = Annotated[
    str,
    AfterValidator(_selector),
    Field(
        description=f"Which layers: {GRAMMAR}.",
        examples=["layer1.*", r"re:layer[12]\..*", "type:Conv2d"],
        json_schema_extra={
            "pattern": r"\S",
            "maxLength": LONGEST,
            "x-recipec-wanted": "a layer selector",
        },
    ),
]
"""One selector. Text that isn't one is an error at its place in the recipe."""

Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_affordable), SelectorsMark()]
"""A list of selectors: it selects the layers that any of them matches."""


class Selection(NamedTuple):
    """What selectors chose of a layer table, in its order.

    `included` are the layers that `include` selects (all where it is empty), `excluded` those that
    `exclude` does. `matched` is what a `StagePlan` says of it: names, for each parameter that the
    recipe states.
    """

    included: tuple[Layer, ...]
    excluded: tuple[Layer, ...]
    matched: Mapping[str, tuple[str, ...]]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that are included and not excluded."""
        out = {layer.name for layer in self.excluded}
        return tuple(layer for layer in self.included if layer.name not in out)

    @property
    def names(self) -> frozenset[str]:
        """Their names."""
        return frozenset(layer.name for layer in self.layers)


def select(
    layers: LayerTable | Iterable[Layer],
    selectors: Sequence[str],
    *,
    at: tuple[str | int, ...] = (),
) -> tuple[Layer, ...]:
    """Give the layers that at least one selector matches, in their order.

    Raises OperatorError at `(*at, i)` for a selector that matches nothing: it is misspelt, or the
    model isn't what its author thought. When there are several, the error has the others as `more`.
    """
    rows = layers.layers if isinstance(layers, LayerTable) else tuple(layers)
    found: set[int] = set()
    problems: list[OperatorError] = []
    for index, selector in enumerate(selectors):
        if len(problems) > MOST_TOLD:
            break
        try:
            match = matcher(selector)
        except PydanticCustomError as problem:  # these weren't validated as `Selectors`
            hint: Any = (problem.context or {}).get("hint")
            problems.append(OperatorError(problem.message(), at=(*at, index), hint=hint))
            continue
        hits = [number for number, layer in enumerate(rows) if match(layer)]
        found.update(hits)
        if not hits and len(problems) >= HINTED:
            problems.append(OperatorError(f"{selector!r} matches no layer", at=(*at, index)))
        elif not hits:
            from recipec.api.nearest import nearest  # only needed once something is wrong

            message = f"{selector!r} matches no layer"
            problems.append(OperatorError(message, at=(*at, index), hint=nearest(selector, rows)))
    if problems:
        first, *more = problems
        raise OperatorError(first.message, at=first.at, hint=first.hint, more=tuple(more))
    return tuple(rows[number] for number in sorted(found))


def choose(
    layers: LayerTable | Iterable[Layer],
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    *,
    at: tuple[str, ...] = (),
) -> Selection:
    """Give the layers that `include` selects (all when it is empty) and `exclude` doesn't.

    `at` is the place of parameters that are nested. Raises OperatorError at `(*at, "include", i)`
    or `(*at, "exclude", i)` as `select` does, and at `(*at, "exclude")` when nothing is left.
    """
    rows = layers.layers if isinstance(layers, LayerTable) else tuple(layers)
    given = {"include": include, "exclude": exclude}
    selected: dict[str, tuple[Layer, ...]] = {"include": rows, "exclude": ()}
    problems: list[OperatorError] = []
    for name, selectors in given.items():
        if selectors:
            try:
                selected[name] = select(rows, selectors, at=(*at, name))
            except OperatorError as problem:
                problems += (problem, *problem.more)
    if problems:
        first, *more = problems
        raise OperatorError(first.message, at=first.at, hint=first.hint, more=tuple(more))
    matched = {
        ".".join((*at, name)): tuple(layer.name for layer in selected[name])
        for name, selectors in given.items()
        if selectors
    }
    selection = Selection(selected["include"], selected["exclude"], matched)
    if exclude and not selection.layers:
        raise OperatorError(
            "no layer is left: these selectors match all"
            + (" that are included" if include else " of them"),
            at=(*at, "exclude"),
            hint="leave out a selector, or leave out the stage",
        )
    return selection
