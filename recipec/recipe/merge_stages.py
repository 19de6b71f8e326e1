"""Merging `stages:` by id: stages are changed, replaced, removed, moved and added."""

from __future__ import annotations

from dataclasses import dataclass, field

from recipec.diagnostics import Diagnostic
from recipec.recipe.merge_uses import (
    DIRECTIVES,
    check_directives,
    lacks_operator,
    merge_use,
    removal,
    unknown_entry,
)
from recipec.recipe.placed import Placed, listed


def merge_stages(base: Placed | None, over: Placed, problems: list[Diagnostic]) -> Placed:
    """Merge an overlay's stages over those that are there.

    A new stage goes to the end, or where `after` or `before` says; these also move a known one.
    """
    if not isinstance(over.value, list):
        return over  # told when the recipe is validated
    there = _by_id(base, problems) if base is not None else {}
    stages, placing = dict(there), _Placing()
    removed: set[str] = set()
    for id, entry in _by_id(over, problems).items():
        label, beneath = f"stage {id!r}", there.get(id)
        check_directives(entry, label, DIRECTIVES, problems)
        gone = removal(entry, label, frozenset({"id"}), problems)
        if beneath is None and (gone or lacks_operator(entry)):
            problems.append(unknown_entry("stage", id, entry.at("id"), there))
        elif gone:
            removed.add(id)
            del stages[id]
        else:
            placing.note(id, entry, problems)
            stages[id] = merge_use(beneath, entry, label, problems, DIRECTIVES)
    lost = placing.lost(stages, removed)
    order = placing.order(stages)
    problems += lost or placing.circular(order)
    return listed([stages[id] for id in order], over.spans)


def _by_id(stages: Placed, problems: list[Diagnostic]) -> dict[str, Placed]:
    """Give stages by id; what has none, or one that is taken, is told and left out."""
    found: dict[str, Placed] = {}
    if not isinstance(stages.value, list):
        problems.append(stages.error("invalid-value", "stages: this should be a list"))
    for entry in stages.entries():
        if not isinstance(entry.value, dict):
            message = "a stage should be a mapping of keys to values"
            problems.append(entry.error("invalid-value", message))
            continue
        id = entry.value.get("id")
        if not isinstance(id, str):
            hint = "id: the stage that is changed, or a name of your own for a new one"
            at = entry.at("id") if "id" in entry.value else entry
            code = "invalid-value" if "id" in entry.value else "missing-key"
            problems.append(at.error(code, "a stage needs an 'id' to be merged by", hint))
        elif id in found:
            line = found[id].at("id").spans.value.line
            hint = f"the other is in line {line}; ids are unique"
            message = f"{id!r} is the id of another stage too"
            problems.append(entry.at("id").error("duplicate-id", message, hint))
        else:
            found[id] = entry
    return found


@dataclass
class _Placing:
    """Which stages go after or before which others, in the order in which they are named."""

    anchors: dict[str, tuple[str, Placed]] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)

    def note(self, id: str, entry: Placed, problems: list[Diagnostic]) -> None:
        """Take note of `after` or `before`."""
        places = {name: place for name in ("after", "before") if (place := entry.get(name))}
        if len(places) == 2:
            message = f"stage {id!r} can't go both after one stage and before another"
            problems.append(places["before"].key_error("overlay", message, "keep one of them"))
            return
        for name, place in places.items():
            if not isinstance(place.value, str):
                message = f"{name}: this should be the id of a stage"
                problems.append(place.error("invalid-value", message))
                continue
            self.anchors[id] = (place.value, place)
            side = self.after if name == "after" else self.before
            side.setdefault(place.value, []).append(id)

    def lost(self, stages: dict[str, Placed], removed: set[str]) -> list[Diagnostic]:
        """Tell which stages are placed at one that isn't there."""
        found = []
        for anchor, place in self.anchors.values():
            if anchor in removed:
                found.append(place.error("overlay", f"stage {anchor!r} is removed here"))
            elif anchor not in stages:
                found.append(unknown_entry("stage", anchor, place, stages))
        return found

    def order(self, stages: dict[str, Placed]) -> list[str]:
        """Give the ids in their new order; those that are placed in a circle are missing."""
        placed: dict[str, None] = {}
        # Each id stands for itself with all that goes before and after it, until it is opened.
        waiting = [(id, False) for id in reversed(stages) if id not in self.anchors]
        while waiting:
            id, opened = waiting.pop()
            if opened:
                placed[id] = None
                continue
            waiting += [(other, False) for other in reversed(self.after.get(id, ()))]
            waiting.append((id, True))
            waiting += [(other, False) for other in reversed(self.before.get(id, ()))]
        return list(placed)

    def circular(self, order: list[str]) -> list[Diagnostic]:
        """Tell of the first stage that is placed at one that is placed at it in turn."""
        placed = set(order)
        for id, (anchor, place) in self.anchors.items():
            if id not in placed:
                message = f"stage {id!r} is placed at {anchor!r}, which is placed at it in turn"
                return [place.error("overlay", message)]
        return []
