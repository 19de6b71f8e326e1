"""The public Python API of reviewing: save a plan, apply it, lock a recipe, compare.

    compilation = recipec.compile_recipe(recipec.load_recipe("recipe.yaml"))
    recipec.save_plan(compilation, "plan.json")
    ...
    reviewed = recipec.apply_plan("plan.json")
    recipec.run_plan(reviewed.compilation)

Every function raises a subclass of `recipec.RecipecError`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from recipec.compiler import (
    Compilation,
    compile_recipe,
    load_recipe,
    load_variants,
    prepare_planning,
    read_record,
)
from recipec.diagnostics import Diagnostic, RecipeError, StageError, UsageError, error
from recipec.plan import Plan, make_plan
from recipec.plan.diff.compare import Comparison, compare
from recipec.plan.diff.snapshot import Snapshot, snapshot
from recipec.plan.model import FORMAT as PLAN_FORMAT
from recipec.plan.saved.check import (
    PlanChanged,
    changed_sources,
    check_inputs,
    check_plan,
)
from recipec.plan.saved.lock import check_lock, lock_kind, lock_path, make_lock, read_lock
from recipec.plan.saved.pins import Pinning, Pins, joined, pin
from recipec.plan.saved.plan import (
    SAVED_PLAN,
    SavedPlan,
    capabilities,
    read_saved_plan,
    recipe_of,
    saved_plan,
)
from recipec.plan.saved.versioned import FileKind, format_of, is_replaceable, read_versioned
from recipec.plan.saved.written import WrittenPlan, written
from recipec.recipe import Recipe
from recipec.registry import Catalog
from recipec.run.past import machine, snapshot_of_run
from recipec.run.record import FORMAT as RUN_FORMAT
from recipec.run.whole import write_asked

PLAN: Final = FileKind("bad-plan", "a plan", PLAN_FORMAT, "a run leaves one in its folder")
Observe = Callable[[str, Plan], None]


class Reviewed(NamedTuple):
    """A reviewed plan, compiled again, and what was made since without changing it."""

    compilation: Compilation
    notes: tuple[Diagnostic, ...]


def save_plan(compilation: Compilation, path: str | Path) -> SavedPlan:
    """Write a plan for review; `apply_plan` takes it. The file is there whole or not at all.

    Raises StageError when the plan can't be carried out on this machine, UsageError when the file
    can't be written or holds something other than a plan.
    """
    file, recipe = Path(path), _file(compilation.planning.recipe)
    if compilation.blocked:
        raise StageError(compilation.blocked)
    if not recipe.is_file():
        message = f"there is no file {recipe}, which `recipec apply` would compile again"
        raise UsageError(error(SAVED_PLAN.code, message))
    saved = saved_plan(compilation.plan, compilation.planning, file.parent)
    _write(file, saved.model_dump_json(indent=1) + "\n", SAVED_PLAN)
    return saved


def apply_plan(
    path: str | Path,
    *,
    recipe: str | Path | None = None,
    catalog: Catalog | None = None,
    store: str | Path | None = None,
) -> Reviewed:
    """Compile what a saved plan is of, and compare it with what was reviewed.

    `recipe` is where the recipe is now (default: where it was, seen from the plan's file). Nothing
    in the plan's file is run. Raises PlanChanged (a RecipeError) with one diagnostic for each
    independent change, UsageError when the file isn't a saved plan.
    """
    file = Path(path)
    saved = read_saved_plan(file)
    request = saved.request
    where = Path(recipe) if recipe is not None else recipe_of(saved, file)
    again = request.command(where, file)

    def check(name: str, plan: Plan) -> None:
        if name == "select":  # what comes next may import code, which must be what was reviewed
            check_inputs(saved, plan, planning, again)

    try:
        loaded = load_recipe(where, request.settings, request.presets, request.variant)
        planning, opened = prepare_planning(
            loaded, catalog=catalog, store=store, force=request.force, until=request.until
        )
        plan = make_plan(planning, check)
    except PlanChanged:
        raise
    except RecipeError as problem:  # of a recipe that is wrong by now
        raise RecipeError([*changed_sources(saved, where), *problem.diagnostics]) from problem
    notes = check_plan(saved, plan, planning, again)
    return Reviewed(Compilation(plan, planning, opened), tuple(notes))


def lock_recipe(*compilations: Compilation, path: str | Path | None = None) -> Path:
    """Write the lock of a recipe (default: beside it), and give its path.

    Several compilations are the recipe's variants. Raises UsageError when the file can't be written
    or holds something other than a lock.
    """
    recipe = compilations[0].planning.recipe
    file = Path(path) if path is not None else lock_path(_file(recipe))
    lock = make_lock(recipe.spec.name, _pinned(compilations).pins)
    _write(file, lock.text(), lock_kind(_file(recipe)))
    return file


def check_recipe_lock(*compilations: Compilation, path: str | Path | None = None) -> Path:
    """See that `lock_recipe` would change nothing, and give the lock's path.

    Raises RecipeError with one diagnostic for each thing that drifted, UsageError without a lock.
    """
    recipe = compilations[0].planning.recipe
    file = Path(path) if path is not None else lock_path(_file(recipe))
    check_lock(read_lock(file, _file(recipe)), _pinned(compilations), recipe, file, exact=True)
    return file


def _pinned(compilations: Iterable[Compilation]) -> Pinning:
    return joined(pin(one.plan.nodes, one.planning) for one in compilations)


def compile_locked(
    recipe: Recipe,
    *,
    catalog: Catalog | None = None,
    store: str | Path | None = None,
    force: Iterable[str] = (),
    until: str | None = None,
    observe: Observe | None = None,
) -> Compilation:
    """Compile a recipe as `compile_recipe` does, with what its lock holds and nothing else.

    Raises RecipeError with one diagnostic for each thing that drifted, UsageError without a lock.
    """
    file = lock_path(_file(recipe))
    lock = read_lock(file, _file(recipe))
    planning, opened = prepare_planning(
        recipe, catalog=catalog, store=store, force=force, until=until
    )

    def check(name: str, plan: Plan) -> None:
        if name == "select":  # what comes next may import code, which must be what was locked
            refuse_drift(plan)
        if observe is not None:
            observe(name, plan)

    def refuse_drift(plan: Plan) -> None:
        # of packages that only the stages' plans will ask for, those are known that were locked
        check_lock(lock, pin(plan.nodes, planning, lock.packages), recipe, file)

    plan = make_plan(planning, check)
    refuse_drift(plan)
    return Compilation(plan, planning, opened)


def compare_files(
    before: str | Path,
    after: str | Path,
    *,
    settings: Iterable[str] = (),
    presets: Iterable[str] = (),
    variants: tuple[str, ...] = (),
    catalog: Catalog | None = None,
    store: str | Path | None = None,
) -> Comparison:
    """Compare two of: a recipe, a plan (saved, or that of a run), a run (its folder or `run.json`).

    `settings` and `presets` are for those that are recipes. So are `variants`: one for each side,
    or one for whichever has a matrix. Raises RecipeError, UsageError.
    """
    given, chosen = tuple(settings), tuple(presets)
    paths = (Path(before), Path(after))
    formats = tuple(map(_format, paths))
    if None not in formats and (given or chosen or variants):
        message = "settings, presets and variants are for recipes, and this compares none"
        raise UsageError(error("not-comparable", message))

    def side(path: Path, what: str | None, variant: str | None) -> Snapshot:
        if what == RUN_FORMAT:
            return snapshot_of_run(read_record(path), str(path))
        if what == SAVED_PLAN.format:
            saved = read_saved_plan(path)
            versions = {**saved.capabilities, **_versions(saved.pins)}
            return snapshot(saved.plan, "plan", str(path), versions)
        if what == PLAN.format:
            return snapshot(read_versioned(path, PLAN, WrittenPlan), "plan", str(path), {})
        if what is not None:
            message = f"{path} is no recipe, plan or run that this recipec reads: it is {what}"
            raise UsageError(error("not-comparable", message))
        if len(variants) == 1 and load_variants(path, given, chosen)[0].variant is None:
            variant = None  # it is the other side's
        recipe = load_recipe(path, given, chosen, variant)
        plan, planning, _ = compile_recipe(recipe, catalog=catalog, store=store)
        pins = pin(plan.nodes, planning).pins
        versions = {**machine(), **capabilities(planning), **_versions(pins)}
        name = str(path) if recipe.variant is None else f"{path} ({recipe.variant})"
        return snapshot(written(plan), "recipe", name, versions)

    wanted = (variants[0], variants[-1]) if variants else (None, None)
    one, other = map(side, paths, formats, wanted)
    return compare(one, other)


def _versions(pins: Pins) -> dict[str, Any]:
    plugins = {f"plugin {name}": version for name, version in pins.plugins.items()}
    return {"recipec": pins.recipec, **plugins, **pins.packages, **pins.code}


def _format(path: Path) -> str | None:
    """Say what format a file of recipec's is in; None of a recipe, and of what can't be read."""
    if path.is_dir():
        return RUN_FORMAT
    try:
        text = path.read_bytes()
        return format_of(json.loads(text)) if text.lstrip()[:1] == b"{" else None
    except (OSError, ValueError, RecursionError):  # reading it as a recipe will say what is wrong
        return None


def _file(recipe: Recipe) -> Path:
    return Path(recipe.document.file)


def _write(path: Path, text: str, kind: FileKind) -> None:
    if not is_replaceable(path, kind):
        message = f"{path} holds something other than {kind.what}; it would be replaced"
        raise UsageError(error(kind.code, message, hint="name another file"))
    write_asked(path, text, kind.code)


__all__ = [
    "Reviewed",
    "apply_plan",
    "check_recipe_lock",
    "compare_files",
    "compile_locked",
    "lock_recipe",
    "read_saved_plan",
    "save_plan",
]
