"""Which layers an operator can replace: the selectors' choice, less those that it can't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from recipec.api.errors import OperatorError
from recipec.api.layers import Layer, LayerTable
from recipec.api.selectors import choose, select

SHARES = "shares its weight with"


class Replaceable(NamedTuple):
    """The selected layers that can be replaced, in the table's order.

    `kept` are the other selected ones of the operator's types, by the reason; `matched` is for the
    `StagePlan`.
    """

    layers: tuple[Layer, ...]
    kept: Mapping[str, tuple[str, ...]]
    matched: Mapping[str, tuple[str, ...]]

    @property
    def said(self) -> Iterator[str]:
        """Sentences for a plan's effects: what is kept, and why."""
        return kept(self.kept)


def kept(reasons: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Say which layers are kept, by the reason: "kept: a, b, c and 2 more (has a kernel …)"."""
    for reason, names in reasons.items():
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"kept: {', '.join(names[:3])}{more} ({reason})"


def shared_with(row: Layer) -> str | None:
    """Say with which layers a layer shares a tensor, as a reason; None when it shares none."""
    others = dict.fromkeys(other for tensor in row.tensors for other in tensor.shared_with)
    return f"{SHARES} {', '.join(others)}" if others else None


def choose_replaceable(
    table: LayerTable,
    include: Sequence[str],
    exclude: Sequence[str],
    types: Sequence[str],
    why_not: Callable[[Layer], str | None],
    wanted: str,
) -> Replaceable:
    """Choose the selected layers that can be replaced.

    `why_not` says why a layer can't be ("has a kernel of size 1"), None when it can; `wanted` names
    in the plural what can. Raises OperatorError at ("include", i) or ("exclude", i) for a selector
    that matches nothing, at ("include", i) for one that matches no layer that can be replaced, and
    at ("include",) for an included one whose tensors other layers share.
    """
    chosen = choose(table, include, exclude)
    reasons = {row.name: why_not(row) for row in table.layers}
    for number, selector in enumerate(include):
        first, *others = select(table, [selector])
        if all(reasons[row.name] is not None for row in (first, *others)):
            raise OperatorError(
                f"{selector!r} matches no layer that can be replaced: {first.name} ({first.type}) "
                f"{reasons[first.name]}",
                at=("include", number),
                hint=f"select {wanted}",
            )
    stay: dict[str, list[str]] = {}
    for row in chosen.layers:
        reason = reasons[row.name]
        if reason is None or row.type not in types:
            continue
        if include and reason.startswith(SHARES):
            raise OperatorError(
                f"{row.name} {reason}: it can't be replaced alone",
                at=("include",),
                hint=f"exclude {row.name!r}",
            )
        stay.setdefault(reason, []).append(row.name)
    return Replaceable(
        tuple(row for row in chosen.layers if reasons[row.name] is None),
        {reason: tuple(names) for reason, names in stay.items()},
        chosen.matched,
    )
