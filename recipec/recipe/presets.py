"""`presets:`: named overlays, chosen with `--preset NAME`.

A preset is merged as a file that extends the recipe would be. One that several files state is what
all of them say, in the files' order. All are checked for their shape, chosen or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from recipec.diagnostics import MOST_ERRORS, Diagnostic, UsageError, error
from recipec.recipe.extends import SourceFile
from recipec.recipe.merge_uses import unknown_entry
from recipec.recipe.origins import Origin, marked
from recipec.recipe.placed import Placed
from recipec.recipe.problems import diagnose
from recipec.recipe.suggest import suggestion

Presets = Mapping[str, list[Placed]]
"""The overlays of each preset, in the order in which they are merged."""


def read_presets(files: Iterable[SourceFile], problems: list[Diagnostic]) -> Presets:
    """Collect the presets of all files, and check their shape."""
    found: dict[str, list[Placed]] = {}
    for file in files:
        given = file.root.get("presets")
        if given is None:
            continue
        if not isinstance(given.value, dict):
            message = "presets: this should be a mapping of names to overlays"
            problems.append(given.error("invalid-value", message))
        for name, overlay in given.items():
            if len(problems) > MOST_ERRORS:
                break
            if not isinstance(overlay.value, dict):
                message = f"preset {name!r} should be a mapping: what it changes in the recipe"
                problems.append(overlay.error("invalid-value", message))
                continue
            told = list(_shape_problems(name, overlay))
            problems += told
            if not told:
                found.setdefault(name, []).append(_marked(name, overlay))
    return found


def _shape_problems(name: str, overlay: Placed) -> Iterable[Diagnostic]:
    from recipec.recipe.source_model import Preset  # only for recipes that have presets

    given: Any = overlay.value
    try:
        Preset.model_validate(given)
    except ValidationError as problem:
        yield from diagnose(problem, Preset, overlay.spans, given, label=f"presets.{name}")


def _marked(name: str, overlay: Placed) -> Placed:
    here = overlay.spans.key or overlay.spans.value
    brief = f"preset {name} at {here.file}:{here.line}"
    note = f"from preset {name!r} at {here.file}:{here.line}"
    if overlay.spans.origin:
        note += f" ({overlay.spans.origin})"
    return Placed(overlay.value, marked(overlay.spans, Origin(note, brief)))


def check_targets(presets: Presets, root: Placed, file: str, problems: list[Diagnostic]) -> None:
    """See that what a file's presets change is there: in the recipe, or new in some preset.

    Presets of other files may be about what this one has removed: that is told when one is chosen.
    """
    overlays = [overlay for stated in presets.values() for overlay in stated]
    everything = [root, *overlays]
    stages = {id for made in everything for id, entry in _stages(made) if entry.get("uses")}
    data = {name for made in everything for name, entry in _data(made) if entry.get("uses")}
    for overlay in overlays:
        if overlay.spans.value.file != file or len(problems) > MOST_ERRORS:
            continue
        for id, entry in _stages(overlay):
            if id not in stages:
                problems.append(unknown_entry("stage", id, entry.at("id"), stages))
            for side in ("after", "before"):
                anchor = entry.get(side)
                if anchor and anchor.value not in stages:
                    problems.append(unknown_entry("stage", str(anchor.value), anchor, stages))
        for name, entry in _data(overlay):
            if name not in data:
                problems.append(unknown_entry("data", name, entry, data))


def _data(overlay: Placed) -> Iterator[tuple[str, Placed]]:
    data = overlay.get("data")
    yield from data.items() if data else ()


def _stages(overlay: Placed) -> Iterator[tuple[str, Placed]]:
    stages = overlay.get("stages")
    for entry in stages.entries() if stages else ():
        id = entry.get("id")
        if id and isinstance(id.value, str):
            yield id.value, entry


def chosen_overlays(presets: Presets, names: Iterable[str]) -> list[tuple[str, Placed]]:
    """Give the overlays of the presets that are asked for, in their order. Raises UsageError."""
    chosen: list[tuple[str, Placed]] = []
    seen: set[str] = set()
    problems = []
    for name in names:
        if name not in presets:
            hint = suggestion(name, presets, "presets") or "the recipe has no presets"
            message = f"--preset {name}: there is no preset {name!r}"
            problems.append(error("unknown-preset", message, hint=hint))
        elif name in seen:
            problems.append(error("unknown-preset", f"--preset {name} is given twice"))
        else:
            seen.add(name)
            chosen += [(name, overlay) for overlay in presets[name]]
    if problems:
        raise UsageError(problems)
    return chosen
