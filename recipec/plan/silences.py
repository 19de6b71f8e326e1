"""Silences: lints that a recipe declares fine, each with a reason, and never more than that."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

from recipec.diagnostics import Diagnostic, Severity
from recipec.plan.lints import lints_of
from recipec.plan.model import Silenced
from recipec.plan.planning import Planning
from recipec.recipe import Silence, suggestion


class _Entry(NamedTuple):
    number: int
    silence: Silence


class Silences:
    """The recipe's silences while a plan is advised on."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.silenced: list[Silenced] = []
        self._used: set[int] = set()
        self._entries: dict[tuple[str, str | None], list[_Entry]] = {}
        for index, silence in enumerate(planning.recipe.spec.silence):
            key = silence.lint, silence.stage
            self._entries.setdefault(key, []).append(_Entry(index, silence))

    def take(self, diagnostic: Diagnostic, stage: str | None) -> bool:
        """Keep a lint's diagnostic when it is silenced, for its stage or everywhere."""
        for key in dict.fromkeys(((diagnostic.code, stage), (diagnostic.code, None))):
            for index, silence in self._entries.get(key, ())[:1]:
                self._used.add(index)
                self.silenced.append(Silenced(diagnostic, silence.reason))
                return True
        return False

    def useless(self, asked: Set[str]) -> Iterator[Diagnostic]:
        """Warn about silences that silenced nothing, in a recipe that is compiled as it is written.

        With `--until`, `--set` or a preset, in one of several variants, and on another machine, a
        silence may have nothing to do; and one of a recipe that is extended is about that recipe.
        """
        planning, recipe = self.planning, self.planning.recipe
        if planning.until is not None or _changed_from_outside(planning):
            return
        lints = lints_of(planning.catalog)
        for index, silence in enumerate(recipe.spec.silence):
            place = recipe.place(("silence", index))
            own = place.value.file == recipe.document.file
            idle = own and index not in self._used and silence.lint in asked
            if idle and not lints[silence.lint].machine_bound:
                where = f" on {silence.stage!r}" if silence.stage else ""
                twice = self._entries[silence.lint, silence.stage][0].number != index
                why = "is silenced already" if twice else "has nothing to say"
                yield Diagnostic(
                    Severity.WARNING,
                    "useless-silence",
                    f"{silence.lint} {why}{where}: this silences nothing",
                    place.value,
                    "take it out",
                    place.origin,
                )


def _changed_from_outside(planning: Planning) -> bool:
    """Say whether a preset, a variant or `--set` is applied to what the files say."""
    return len(planning.recipe.order) > len(planning.recipe.files)


def silence_problems(planning: Planning) -> Iterator[Diagnostic]:
    """Say which silences name no lint, or no stage."""
    recipe = planning.recipe
    if not recipe.spec.silence:
        return
    lints = lints_of(planning.catalog)
    stages = {"model", *(stage.id for stage in recipe.spec.stages)}
    failed = {plugin.name for plugin in planning.catalog.plugins if not plugin.loaded}
    for index, (lint, stage) in enumerate((s.lint, s.stage) for s in recipe.spec.silence):
        if lint not in lints and lint.partition(".")[0] not in failed:
            known = suggestion(lint, lints, close=True) or "`recipec explain` lists all lints"
            message = f"there is no lint {lint!r}"
            yield recipe.error("unknown-lint", message, ("silence", index, "lint"), known)
        if stage is not None and stage not in stages:
            near = suggestion(stage, stages, "stages")
            message = f"there is no stage {stage!r}"
            yield recipe.error("unknown-stage", message, ("silence", index, "stage"), near)
