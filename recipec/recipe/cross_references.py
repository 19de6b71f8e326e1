"""Within a recipe: ids are unique, and what refers to a stage or to data names one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recipec.diagnostics import Diagnostic
from recipec.recipe.model import RecipeSpec
from recipec.recipe.recipe import Recipe
from recipec.recipe.suggest import suggestion
from recipec.source import Path


def cross_reference_problems(recipe: Recipe) -> Iterator[Diagnostic]:
    """Tell of ids that are taken, of promises made twice, and of names that nothing has."""
    spec = recipe.spec
    first: dict[str, int] = {}
    for index, stage in enumerate(spec.stages):
        if stage.id in first:
            line = recipe.place(("stages", first[stage.id], "id")).value.line
            yield recipe.error(
                "duplicate-id",
                f"{stage.id!r} is the id of another stage too",
                ("stages", index, "id"),
                f"the other is in line {line}; ids are unique",
            )
        first.setdefault(stage.id, index)
    if len(first) < len(spec.stages):
        return  # names that a second stage took away would only be consequences
    promised: set[str] = set()
    for index, name in enumerate(spec.outputs):
        if name in promised:
            message = f"{name!r} is promised twice"
            yield recipe.error("duplicate-output", message, ("outputs", index))
        promised.add(name)
    known = {*first, "model"}
    removed: dict[str, str] | None = None
    for name, path in _references(spec):
        if name not in known:
            removed = _removed(recipe) if removed is None else removed
            hint = _removal(recipe, removed, name, path) or suggestion(name, known, "stages")
            yield recipe.error("unknown-stage", f"there is no stage {name!r}", path, hint)
    if spec.measure and spec.measure.data is not None and spec.measure.data not in spec.data:
        name = spec.measure.data
        hint = suggestion(name, spec.data, "data")
        yield recipe.error("unknown-data", f"there is no data {name!r}", ("measure", "data"), hint)


def _removed(recipe: Recipe) -> dict[str, str]:
    """Give the stages that a file removes, with the place where it says so."""
    found: dict[str, str] = {}
    for file in recipe.files:
        stages = file.root.get("stages")
        for entry in stages.entries() if stages else ():
            gone, id = entry.get("remove"), entry.get("id")
            if id is not None and gone is not None and gone.value is True:
                place = f"{gone.spans.value.file}:{gone.spans.value.line}"
                found.setdefault(str(id.value), place)
    return found


def _removal(recipe: Recipe, removed: Mapping[str, str], name: str, path: Path) -> str | None:
    """Say where a stage that is still named is removed, and what else to write there."""
    place = removed.get(name)
    if place is None:
        return None
    if path[0] != "stages" or not isinstance(path[1], int):
        return f"it is removed at {place}; write `{path[0]}:` there too, without it"
    user = recipe.spec.stages[path[1]].id
    return f"it is removed at {place}; say there what {user!r} needs, or remove it too"


def _references(spec: RecipeSpec) -> Iterator[tuple[str, Path]]:
    """Give every place that names a stage."""
    for index, stage in enumerate(spec.stages):
        if isinstance(stage.needs, str):
            yield stage.needs, ("stages", index, "needs")
        elif stage.needs:
            for port, name in stage.needs.items():
                yield name, ("stages", index, "needs", port)
    if spec.baseline is not None:
        yield spec.baseline, ("baseline",)
    for index, name in enumerate(spec.outputs):
        yield name, ("outputs", index)
    for index, gate in enumerate(spec.gates):
        yield gate.stage, ("gates", index, "stage")
        if gate.against is not None:
            yield gate.against, ("gates", index, "against")
