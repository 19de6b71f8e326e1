"""Which stages a chart shows, when there are too many to be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from recipec.run.record import RunRecord

LIMIT: Final = 40
"""Stages that a chart over the stages shows; more couldn't be told apart."""


def givers(record: RunRecord, among: Collection[str]) -> dict[str, str]:
    """Give for each stage the one among these whose model it took (the first of its inputs)."""
    found = {}
    for stage in record.stages:
        source = next((node for node in stage.inputs.values() if node in among), None)
        if source is not None:
            found[stage.id] = source
    return found


def chosen(
    stages: Iterable[str], first: Iterable[str | None], giver: Mapping[str, str], limit: int = LIMIT
) -> list[str]:
    """Choose at most `limit` stages, in their order: `first`, then what leads to those, nearest
    first, then the others."""
    every = list(stages)
    if len(every) <= limit:
        return every
    kept: dict[str, None] = {}
    wanted = [stage for stage in first if stage is not None and stage in every]
    while wanted and len(kept) < limit:
        for stage in wanted[: limit - len(kept)]:
            kept[stage] = None
        wanted = [giver[s] for s in wanted if s in giver and giver[s] not in kept]
    for stage in every:
        if len(kept) == limit:
            break
        kept[stage] = None
    return [stage for stage in every if stage in kept]
