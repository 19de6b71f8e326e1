"""Nodes of a graph by selector, in the grammar by which recipes select layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recipec.api import Layer, OnnxModel, OperatorError
from recipec.api.selectors import select


def as_rows(nodes: Iterable[tuple[str, str]]) -> tuple[Layer, ...]:
    """Give nodes, as (name, operator), in the form that selectors match."""
    return tuple(Layer(name=name, type=operator, tensors=()) for name, operator in nodes)


def chosen(rows: Sequence[Layer], include: Sequence[str], exclude: Sequence[str]) -> list[int]:
    """Give the places of the rows that `include` selects (all, where it's empty) and `exclude` not.

    Raises OperatorError at `("nodes", i)` and `("exclude", i)` for a selector without a match.
    """
    places = {id(row): place for place, row in enumerate(rows)}
    taken = _selected(rows, include, "nodes") if include else tuple(rows)
    left = _selected(rows, exclude, "exclude") if exclude else ()
    out = {id(row) for row in left}
    return [places[id(row)] for row in taken if id(row) not in out]


def check_types(model: OnnxModel, selectors: Sequence[str], at: str) -> None:
    """Raise OperatorError for a `type:` that no node of the model has.

    A plan knows how many nodes of a type there are, and no names of nodes without weights.
    """
    if not isinstance(model.operators, dict):
        return
    rows = as_rows(("", operator) for operator in model.operators)
    for index, selector in enumerate(selectors):
        if selector.startswith("type:"):
            _selected(rows, [selector], at, index)


def _selected(
    rows: Sequence[Layer], selectors: Sequence[str], at: str, first: int = 0
) -> tuple[Layer, ...]:
    """Select rows, with errors that speak of nodes; `first` is the place of the first selector."""
    try:
        return select(rows, selectors)
    except OperatorError as problem:
        told = [
            OperatorError(
                one.message.replace("matches no layer", "matches no node"),
                at=(at, first + int(one.at[0])),
                hint=one.hint and one.hint.replace("layers: ", "nodes: "),
            )
            for one in (problem, *problem.more)
        ]
        raise OperatorError(
            told[0].message, at=told[0].at, hint=told[0].hint, more=tuple(told[1:])
        ) from problem
