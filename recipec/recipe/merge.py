"""How one recipe is merged over another.

Mappings merge key by key, at every depth. `stages` and `data` merge by id and by name. Everything
else, lists too, is replaced whole. With a stage that is removed go the lints that were silenced on
it. Nothing else is dropped in silence: where parameters would lose their meaning, because the
operator changes, the recipe must say `replace: true`.
"""

from __future__ import annotations

from typing import Final

from recipec.diagnostics import Diagnostic
from recipec.recipe.merge_stages import merge_stages
from recipec.recipe.merge_uses import merge_use, merge_uses
from recipec.recipe.merge_values import merge_values
from recipec.recipe.placed import Placed, listed
from recipec.recipe.variables import merge_variables

OWN_KEYS: Final = frozenset({"name", "description", "$schema"})
"""What a file says about itself; a file that extends it says its own (so with all `x-…`)."""
SOURCE_KEYS: Final = frozenset({"extends", "presets"})
"""What is used up before files are merged."""


def merge_file(base: Placed, over: Placed, problems: list[Diagnostic]) -> Placed:
    """Merge a file over the files that it extends."""
    names = base.value if isinstance(base.value, dict) else {}
    own = frozenset(name for name in names if name in OWN_KEYS or name.startswith("x-"))
    return merge_recipes(base.without(own), over, problems)


def merge_recipes(base: Placed, over: Placed, problems: list[Diagnostic]) -> Placed:
    """Merge an overlay, a file or a preset, over a recipe; both are mappings.

    What is wrong is added to `problems`; the result then has what could be merged.
    """
    changed: dict[str, Placed] = {}
    for name, inner in over.without(SOURCE_KEYS).items():
        beneath = base.get(name)
        if name == "stages":
            changed[name] = merge_stages(beneath, inner, problems)
        elif name == "data":
            changed[name] = merge_uses(beneath, inner, problems)
        elif name == "model":
            changed[name] = merge_use(beneath, inner, "the model", problems)
        elif name == "vars" and beneath is not None:
            changed[name] = merge_variables(beneath, inner)
        else:
            changed[name] = inner if beneath is None else merge_values(beneath, inner)
    if "stages" in changed and "silence" not in changed:
        changed |= _still_silenced(base, changed["stages"])
    merged = base.updated(changed)
    return merged._replace(spans=over.spans._replace(children=merged.spans.children))


def _still_silenced(base: Placed, stages: Placed) -> dict[str, Placed]:
    """Give `silence` without the entries about stages that are removed."""
    there, silences = base.get("stages"), base.get("silence")
    removed = _named(there, "id") - _named(stages, "id")
    if silences is None or not removed & _named(silences, "stage"):
        return {}
    entries = [one for one in silences.entries() if not _named_by(one, "stage") & removed]
    return {"silence": listed(entries, silences.spans)}


def _named(entries: Placed | None, key: str) -> set[str]:
    """Give what the entries of a list say under a key."""
    return (
        {name for entry in entries.entries() for name in _named_by(entry, key)}
        if entries
        else set()
    )


def _named_by(entry: Placed, key: str) -> set[str]:
    given = entry.get(key)
    return {given.value} if given is not None and isinstance(given.value, str) else set()
