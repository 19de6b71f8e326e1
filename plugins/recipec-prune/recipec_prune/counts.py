"""How many channels of each group stay: decided from the layer table alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from recipec.api import ChannelGroup, Layer, LayerTable, OperatorError, Unknown
from recipec.api.selectors import choose, select


class Counts(NamedTuple):
    """What becomes of each group.

    `staying` maps the ids of pruned groups to the channels that stay. `small` groups have no more
    than one rounding unit and stay whole, `unselected` ones the recipe left out, `protected` ones
    can't be pruned. `matched` names the layers that the selectors matched, for a `StagePlan`.
    """

    staying: Mapping[int, int]
    small: tuple[ChannelGroup, ...]
    unselected: tuple[ChannelGroup, ...]
    protected: tuple[ChannelGroup, ...]
    before: int
    after: int
    matched: Mapping[str, tuple[str, ...]]


def stay(channels: int, amount: float, round_to: int) -> int:
    """Give how many of a group's channels stay when at least the share `amount` leaves.

    Rounded down to a multiple of `round_to`, as Torch-Pruning does, but to at least one.

    >>> stay(64, 0.4, 8), stay(16, 0.9, 8), stay(8, 0.5, 8)
    (32, 8, 8)
    """
    exactly = channels * (1 - Fraction(str(amount)))  # 160 × (1 − 0.9) is 16, not 15.999…
    rounded = int(exactly) // round_to * round_to
    return min(channels, max(rounded, round_to))


def decide(
    table: LayerTable,
    amount: float,
    round_to: int,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> Counts:
    """Decide for every group of a table that has them.

    A group is chosen when one of the layers that make its channels is included and none excluded.
    Raises OperatorError at ("include", i) or ("exclude", i) for a selector that matches nothing,
    at ("include", i) for one whose layers make no channels that could leave, and at ("exclude",)
    when no layer is left.
    """
    assert not isinstance(table.groups, Unknown)
    made_by = producers(table)
    chosen = choose(table, include, exclude)
    for number, selector in enumerate(include):
        _check_included(table, select(table, [selector]), made_by, number)
    wanted = {layer.name for layer in chosen.included}
    unwanted = {layer.name for layer in chosen.excluded}
    staying: dict[int, int] = {}
    small, unselected, protected = [], [], []
    for group in table.groups:
        names = set(made_by.get(group.id, ()))
        if group.protected is not None:
            protected.append(group)
        elif not names & wanted or names & unwanted:
            unselected.append(group)
        elif group.channels <= round_to:
            small.append(group)
        else:
            staying[group.id] = stay(group.channels, amount, round_to)
    free = [group for group in table.groups if group.protected is None]
    before = sum(group.channels for group in free)
    after = sum(staying.get(group.id, group.channels) for group in free)
    return Counts(
        staying,
        tuple(small),
        tuple(unselected),
        tuple(protected),
        before,
        after,
        chosen.matched,
    )


def _check_included(
    table: LayerTable, layers: Sequence[Layer], made_by: Mapping[int, list[str]], number: int
) -> None:
    """Raise OperatorError unless a selector's layers make channels of which some may leave."""
    assert not isinstance(table.groups, Unknown)
    names = {layer.name for layer in layers}
    groups = [group for group in table.groups if names & set(made_by.get(group.id, ()))]
    if any(group.protected is None for group in groups):
        return
    first = layers[0]
    if groups:
        reason = f"no channel of {first.name} can leave: {groups[0].protected}"
    elif all(group.protected and group.id not in made_by for group in table.groups):
        return  # the model couldn't be analysed: that is told as a whole
    else:
        reason = f"{first.name} ({first.type}) makes no channels that could leave"
    raise OperatorError(
        reason, at=("include", number), hint="select convolutions or linear layers inside the model"
    )


def producers(table: LayerTable) -> dict[int, list[str]]:
    """Name, for each group, the convolutions and linear layers whose output channels it holds."""
    found: dict[int, list[str]] = {}
    for layer in table.layers:
        for group in _made(layer):
            found.setdefault(group, []).append(layer.name)
    return found


def _made(layer: Layer) -> list[int]:
    if layer.weight is None or not layer.positions:
        return []
    out = 1 if layer.type.startswith("ConvTranspose") else 0
    return [share.group for axis in layer.weight.axes if axis.dim == out for share in axis.shares]
