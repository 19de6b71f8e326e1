"""What a stage does to the model: before → after, and only what changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from recipec.api import LayerTable, Model, Unknown
from recipec.plan.model import Node, Plan
from recipec.plan.text.numbers import change, count


class Figure(NamedTuple):
    """A number of a model before and after; `before` is "" where there is nothing to compare."""

    name: str
    before: str
    after: str
    share: str = ""

    def __str__(self) -> str:
        if not self.before:
            return f"{self.name} {self.after}"
        share = f" ({self.share})" if self.share else ""
        return f"{self.name} {self.before} → {self.after}{share}"


def model_before(node: Node, plan: Plan) -> Model | None:
    """Give the facts of the model that a stage takes, None when it takes none."""
    for edge in node.inputs.values():
        facts = plan.by_id[edge.node].outputs.get(edge.port)
        if isinstance(facts, Model):
            return facts
    return None


def form(before: Model | None, after: Model) -> str:
    """Write what kind of model it is, and its precision; both as before → after if they change."""
    kind = after.kind
    if before is not None and before.kind != kind:
        kind = f"{before.kind} → {kind}"
    if isinstance(after.precision, Unknown):
        return kind
    old = before.precision if before is not None else after.precision
    if old == after.precision or isinstance(old, Unknown):
        return f"{kind}, {after.precision}"
    return f"{kind}, {old} → {after.precision}"


def figures(before: Model | None, after: Model, later: str) -> tuple[Figure, ...]:
    """Give parameters, multiply-adds, bytes and sparsity, where they change or are new.

    `later` says when what is unknown will be known.
    """
    new = after.layers
    old = before.layers if before is not None else None
    if isinstance(new, Unknown):
        return (Figure("layers", "", later),)
    if old is None or isinstance(old, Unknown):
        return tuple(Figure(name, "", count(value)) for name, value in _counts(new).items())
    if new is old:
        return ()
    changed = [
        Figure(name, count(was), count(now), change(was, now))
        for (name, was), now in zip(_counts(old).items(), _counts(new).values(), strict=True)
        if was != now
    ]
    one, other = _sparsity(old, ""), _sparsity(new, later)
    if one and one != other and not isinstance(old.zeros, Unknown) and (old.zeros or new.zeros):
        changed.append(Figure("sparsity", one, other))
    return tuple(changed)


def _counts(table: LayerTable) -> Mapping[str, int]:
    return {
        "parameters": table.parameters,
        "multiply-adds": table.macs,
        "bytes": table.bytes,
    }


def _sparsity(table: LayerTable, later: str) -> str:
    if isinstance(table.zeros, Unknown):
        return later
    return f"{100 * table.zeros / max(table.parameters, 1):.1f}%"


def aligned(figures: tuple[Figure, ...]) -> Iterator[str]:
    """Write figures one below the other, numbers flush right."""
    names = max(len(figure.name) for figure in figures)
    olds = max(len(figure.before) for figure in figures)
    news = max(len(figure.after) for figure in figures)
    shares = max(len(figure.share) for figure in figures)
    for name, before, after, share in figures:
        arrow = " → " if before else ""
        row = f"{name:<{names}}  {before:>{olds}}{arrow}{after:>{news}}  {share:>{shares}}"
        yield row.rstrip()
