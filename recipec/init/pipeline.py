"""Which stages a wish needs, in which order: parts are joined by the kinds they take and make."""

from __future__ import annotations

from typing import Any, NamedTuple

from recipec.api import Facts
from recipec.api.recipe_parts import StagePart, Step
from recipec.diagnostics import Diagnostic, UsageError, error
from recipec.init.offers import Offers, first
from recipec.init.wish import Wish


class Chosen(NamedTuple):
    """A stage of the new recipe; `needs` where that isn't the stage before."""

    part: StagePart
    id: str
    needs: str | None = None
    comment: str | None = None


class Made(NamedTuple):
    """What a stage makes, by its id."""

    id: str
    kind: type[Facts]


class Pair(NamedTuple):
    """Two models to compare: the changed one, and the unchanged one converted in the same way."""

    changed: Made
    unchanged: Made


class Pipeline(NamedTuple):
    """The stages, and the pairs that can be compared: before any conversion, after each, and so
    last the promised result with the baseline."""

    stages: tuple[Chosen, ...]
    pairs: tuple[Pair, ...]

    @property
    def result(self) -> str:
        """The promised stage."""
        return self.pairs[-1].changed.id

    @property
    def baseline(self) -> str:
        """What the result is compared with."""
        return self.pairs[-1].unchanged.id


def pipeline(wish: Wish, offers: Offers) -> Pipeline:
    """Choose the stages. Raises UsageError when nothing that is installed serves the wish."""
    building = _Building(wish, offers)
    if wish.data.labelled and wish.weights is None:
        building.add("train")
    unchanged = building.last
    # What is pruned and not trained again is of no use, and training needs labels.
    if wish.data.labelled and building.can("recover") and building.can("shrink"):
        building.add("shrink")
        building.add("recover")
    building.add("quantize")
    changed = building.last
    if changed == unchanged:
        raise UsageError(_nothing(wish))
    converted = building.convert()
    if not converted and any(wish.target in part.targets for part in offers.converting):
        message = f"nothing that is installed brings {changed.kind.kind} to {wish.target!r}"
        raise UsageError(error("bad-option", message, hint="see `recipec plugins`"))
    building.last = unchanged
    original = building.convert(unchanged.id)
    pairs = [Pair(changed, unchanged), *map(Pair, converted, original)]
    if len(converted) != len(original):  # they lead there in different ways: compare the ends
        pairs = [pairs[0], Pair([changed, *converted][-1], [unchanged, *original][-1])]
    return Pipeline(tuple(building.stages), tuple(pairs))


class _Building:
    def __init__(self, wish: Wish, offers: Offers) -> None:
        self.wish, self.offers = wish, offers
        self.stages: list[Chosen] = []
        self.last = Made("model", _makes(offers.operator(wish.model)))

    def can(self, step: Step) -> list[StagePart]:
        """Give the parts that could do a step now, preferred ones first."""
        found = self.offers.fitting(step, self.last.kind, self.wish.target)
        return sorted(found, key=lambda part: part.uses not in self.wish.preferred)

    def add(self, step: Step) -> None:
        """Add a stage for a step, if there is one."""
        if found := self.can(step):
            self._append(Chosen(found[0], found[0].id))

    def convert(self, unchanged: str | None = None) -> list[Made]:
        """Add the stages that lead to the target, or that lead the `unchanged` model there."""
        used: list[str] = []
        made: list[Made] = []
        while found := [part for part in self.can("convert") if part.uses not in used]:
            used.append(found[0].uses)
            chosen = Chosen(found[0], found[0].id)
            if unchanged is not None:
                needs = None if made else unchanged
                said = "The same without any change before it, to compare with."
                chosen = Chosen(found[0], f"{found[0].id}-original", needs, said)
            self._append(chosen)
            made.append(self.last)
        return made

    def _append(self, chosen: Chosen) -> None:
        self.stages.append(chosen)
        self.last = Made(chosen.id, _makes(self.offers.operator(chosen.part)))


def _makes(operator: Any) -> type[Facts]:
    made: type[Facts] = first(operator.outputs.values()).kind
    return made


def _nothing(wish: Wish) -> Diagnostic:
    message = f"nothing that is installed makes a model for {wish.target!r} smaller or faster"
    hint = "see `recipec plugins`"
    if not wish.data.labelled:
        hint = "with labelled data it could be pruned, as it is trained again after that"
    return error("bad-option", message, hint=hint)
