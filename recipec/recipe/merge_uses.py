"""Merging an operator and its parameters: the model, an entry of `data:`, a stage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from recipec.api.notation import shown
from recipec.diagnostics import Diagnostic
from recipec.recipe.merge_values import merge_values
from recipec.recipe.placed import Placed
from recipec.recipe.suggest import nearest_name, suggestion

DIRECTIVES: Final = frozenset({"remove", "replace", "after", "before"})
"""What an overlay may say about a stage beside what the stage itself says."""
_OF_STAGE: Final = frozenset(
    {"id", "uses", "with", "needs", "allow_unchanged", "isolation", "limits"}
)
_OF_MODEL: Final = frozenset({"replace"})
_OF_DATA: Final = frozenset({"remove", "replace"})


def merge_use(
    base: Placed | None,
    over: Placed,
    label: str,
    problems: list[Diagnostic],
    directives: frozenset[str] = _OF_MODEL,
) -> Placed:
    """Merge an entry over the one that is there (None: none is), and take its directives out."""
    replaced, plain = asked(over, "replace", problems), over.without(directives)
    if base is None:
        if replaced:
            message = f"{label} isn't there to be replaced"
            problems.append(over.at("replace").key_error("overlay", message, "leave `replace` out"))
        return plain
    if replaced or not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return plain
    was, now = base.value.get("uses"), over.value.get("uses", base.value.get("uses"))
    if was != now and base.value.get("with"):
        message = f"{label} changes its operator from {was} to {now}, but not its parameters"
        hint = "add `replace: true` and give all it needs; the parameters below are forgotten then"
        problems.append(over.at("uses").error("operator-changed", message, hint))
        return plain
    given, beneath = over.get("with"), base.get("with")
    if given and beneath and isinstance(given.value, dict) and isinstance(beneath.value, str):
        message = f"the parameters of {label} are a look-up, so nothing can be merged into them"
        hint = "change what it stands for, or add `replace: true` and give them all"
        problems.append(given.error("overlay", message, hint))
    return merge_values(base, plain)


def merge_uses(base: Placed | None, over: Placed, problems: list[Diagnostic]) -> Placed:
    """Merge the entries of `data:` by their names; `remove: true` takes one out."""
    if base is None or not isinstance(base.value, dict):
        base = Placed({}, over.spans._replace(children={}))
    if not isinstance(over.value, dict):
        return over
    removed: set[str] = set()
    changed: dict[str, Placed] = {}
    for name, entry in over.items():
        label, beneath = f"data {name!r}", base.get(name)
        check_directives(entry, label, _OF_DATA, problems)
        gone = removal(entry, label, frozenset(), problems)
        if beneath is None and (gone or lacks_operator(entry)):
            problems.append(unknown_entry("data", name, entry, dict(base.items())))
        elif gone:
            removed.add(name)
        else:
            changed[name] = merge_use(beneath, entry, label, problems, _OF_DATA)
    merged = base.updated(changed).without(frozenset(removed))
    return merged._replace(spans=over.spans._replace(children=merged.spans.children))


def check_directives(
    entry: Placed, label: str, directives: frozenset[str], problems: list[Diagnostic]
) -> None:
    """Tell of a directive that is misspelt: validation sees only what is left of an entry."""
    for name, given in entry.items():
        if name not in directives | _OF_STAGE and (meant := nearest_name(name, directives)):
            message, hint = f"{label} has no {name!r}", f"did you mean {meant!r}?"
            problems.append(given.key_error("unknown-key", message, hint))


def lacks_operator(entry: Placed) -> bool:
    """Say whether an entry can't be a new one, as it names no operator."""
    return isinstance(entry.value, dict) and "uses" not in entry.value


def unknown_entry(what: str, name: str, place: Placed, known: Iterable[str]) -> Diagnostic:
    """Tell that there is no stage or data of this name: `place` is where a stage is named, or the
    entry of `data:`."""
    hint = suggestion(name, known, "stages" if what == "stage" else what)
    tell = place.key_error if what == "data" else place.error
    return tell(f"unknown-{what}", f"there is no {what} {name!r}", hint)


def asked(entry: Placed, directive: str, problems: list[Diagnostic]) -> bool:
    """Say whether an entry has `replace: true` or the like."""
    given = entry.get(directive)
    if given is None:
        return False
    if not isinstance(given.value, bool):
        message = f"{directive}: this should be true or false, not {shown(given.value)}"
        problems.append(given.error("invalid-value", message))
        return False
    return given.value


def removal(entry: Placed, label: str, beside: frozenset[str], problems: list[Diagnostic]) -> bool:
    """Say whether an entry is to be taken out; `beside` are the keys it may have then."""
    if not asked(entry, "remove", problems):
        return False
    for name, other in entry.items():
        if name not in beside and name != "remove":
            message = f"{label} is removed, so {name!r} would be lost"
            problems.append(other.key_error("overlay", message, "leave out one or the other"))
            break
    return True


def check_no_directives(root: Placed, problems: list[Diagnostic]) -> None:
    """Refuse `remove`, `replace`, `after` and `before` in a file that changes no other."""
    model, data, stages = root.get("model"), root.get("data"), root.get("stages")
    entries = [model] if model else []
    entries += [entry for _, entry in data.items()] if data else []
    entries += stages.entries() if stages else []
    for entry in entries:
        if not isinstance(entry.value, dict) or DIRECTIVES.isdisjoint(entry.value):
            continue
        for name in sorted(DIRECTIVES & entry.value.keys()):
            message = f"{name!r} changes another recipe, and this file extends none"
            hint = "it belongs into a file with `extends:`, or into a preset"
            problems.append(entry.at(name).key_error("overlay", message, hint))
