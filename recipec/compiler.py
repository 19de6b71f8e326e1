"""The public Python API: load a recipe, plan it, run it, render the report.

    import recipec

    recipe = recipec.load_recipe("recipe.yaml", settings=["vars.amount=0.5"])
    compilation = recipec.compile_recipe(recipe)
    print(compilation.text())
    record = recipec.run_plan(compilation, out="runs/mine")

Every function raises a subclass of `recipec.RecipecError`, which carries diagnostics with their
places in the recipe.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from recipec.diagnostics import Diagnostic, RecipeError, StageError, UsageError, error
from recipec.plan import Forgetful, Node, Plan, Planning, machine_of, make_plan
from recipec.plan.bind import bind
from recipec.plan.gates import gates
from recipec.plan.measure import measure
from recipec.recipe import Recipe
from recipec.recipe import load_recipe as read_recipe
from recipec.recipe import load_variants as read_variants
from recipec.registry import Catalog, discover
from recipec.registry.blame import blaming
from recipec.run.store import Store, default_store

if TYPE_CHECKING:
    from recipec.api import ReportSection
    from recipec.plan.resolved import ResolvedRecipe
    from recipec.report import Run
    from recipec.run.executor import NodeResult, Observer
    from recipec.run.record import RunRecord


class Compilation(NamedTuple):
    """A plan, and what is needed to run it."""

    plan: Plan
    planning: Planning
    store: Store

    @property
    def runnable(self) -> bool:
        """Whether every promised artifact can be made on this machine."""
        return not self.blocked

    @property
    def blocked(self) -> tuple[Diagnostic, ...]:
        """What is promised and can't be made on this machine, at its place in the recipe."""
        promised = {id: at for at, id in enumerate(self.planning.recipe.spec.outputs)}
        return tuple(
            self.planning.recipe.error(
                "blocked-output",
                f"{node.id} is promised and can't be made on this machine: {node.reason}",
                ("outputs", promised[node.id]) if node.id in promised else node.at,
            )
            for node in self.plan.blocked_outputs
        )

    def text(self) -> str:
        """Give the plan as `--dry-run` prints it, without colours."""
        from recipec.plan.text import plan_text

        return plan_text(self.plan, self.planning)


def load_recipe(
    path: str | Path,
    settings: Iterable[str] = (),
    presets: Iterable[str] = (),
    variant: str | None = None,
) -> Recipe:
    """Read and validate a recipe.

    `settings` are `NAME=VALUE` as for `--set`, `presets` names of the recipe's presets, in their
    order, and `variant` is the label of one of its variants, or a glob that only one fits. Raises
    RecipeError with every independent problem, UsageError when there is no such file, preset or
    variant, and when the recipe has several variants and none is chosen.
    """
    return read_recipe(Path(path), settings, presets, variant)


def load_variants(
    path: str | Path,
    settings: Iterable[str] = (),
    presets: Iterable[str] = (),
    variants: Iterable[str] = (),
) -> tuple[Recipe, ...]:
    """Read and validate all variants of a recipe with a matrix, or those whose labels fit one of
    the globs `variants`. A recipe without a matrix is the only one. Raises as `load_recipe`.
    """
    return read_variants(Path(path), settings, presets, variants)


def compile_recipe(
    recipe: Recipe,
    *,
    catalog: Catalog | None = None,
    store: str | Path | None = None,
    force: Iterable[str] = (),
    until: str | None = None,
    observe: Callable[[str, Plan], None] | None = None,
) -> Compilation:
    """Compile a recipe to a plan; nothing is run, and nothing written but remembered inspections.

    `catalog` holds the operators (default: those of all installed plugins), `force` names stages
    to run again, `until` the last stage wanted, and `observe` is called with the name of each pass
    and the plan after it. Raises RecipeError, UsageError.
    """
    planning, opened = prepare_planning(
        recipe, catalog=catalog, store=store, force=force, until=until
    )
    return Compilation(make_plan(planning, observe), planning, opened)


def prepare_planning(
    recipe: Recipe,
    *,
    catalog: Catalog | None = None,
    store: str | Path | None = None,
    force: Iterable[str] = (),
    until: str | None = None,
) -> tuple[Planning, Store]:
    """Give what the passes of `compile_recipe` need besides a plan. Raises UsageError."""
    opened, known = _opened(store), catalog or discover()
    planning = Planning(
        recipe=recipe,
        catalog=known,
        machine=machine_of(known),
        memory=opened,
        force=frozenset(force),
        until=until,
    )
    return planning, opened


def compile_variants(
    recipes: Iterable[Recipe],
    *,
    catalog: Catalog | None = None,
    store: str | Path | None = None,
    force: Iterable[str] = (),
    until: str | None = None,
) -> tuple[Compilation, ...]:
    """Compile the variants of a recipe, each to a plan of its own; files are read once for all.

    Raises RecipeError with what is wrong in any of them, and as `compile_recipe`.
    """
    return tuple(each_compiled(recipes, catalog=catalog, store=store, force=force, until=until))


def each_compiled(
    recipes: Iterable[Recipe],
    *,
    catalog: Catalog | None = None,
    store: str | Path | None = None,
    force: Iterable[str] = (),
    until: str | None = None,
) -> Iterator[Compilation]:
    """Compile variants one by one, so that not all plans need be kept.

    Those that can't be compiled are left out, and RecipeError is raised in the end, with what is
    wrong in any of them.
    """
    shared: tuple[Planning, Store] | None = None
    problems: dict[Diagnostic, None] = {}
    for recipe in recipes:
        if shared is None:
            shared = prepare_planning(
                recipe, catalog=catalog, store=store, force=force, until=until
            )
        planning = replace(shared[0], recipe=recipe, _operators={})
        try:
            compilation = Compilation(make_plan(planning), planning, shared[1])
        except RecipeError as problem:  # told once, in however many variants it is
            problems |= dict.fromkeys(problem.diagnostics)
        else:
            yield compilation
    if problems:
        raise RecipeError(problems)


def _opened(store: str | Path | None) -> Store:
    """Open the store. Raises UsageError when it isn't a folder."""
    root = Path(store) if store is not None else default_store()
    there = next(path for path in (root.absolute(), *root.absolute().parents) if path.exists())
    if not there.is_dir():
        raise UsageError(error("store", f"the store {root}: {there} is not a folder"))
    return Store(root.absolute())


def validate_recipe(recipe: Recipe, *, catalog: Catalog | None = None) -> int:
    """Check operators, parameters, names and how stages fit together; give the number of stages.

    Nothing is inspected, and the store isn't read. Raises RecipeError.
    """
    return validate_variants((recipe,), catalog=catalog)


def validate_variants(recipes: Iterable[Recipe], *, catalog: Catalog | None = None) -> int:
    """Check several variants of a recipe as `validate_recipe` does; give the number of all stages.

    Raises RecipeError with what is wrong in any of them.
    """
    known = catalog or discover()
    machine, stages = machine_of(known), 0
    problems: dict[Diagnostic, None] = {}
    for recipe in recipes:
        planning = Planning(recipe=recipe, catalog=known, machine=machine, memory=Forgetful())
        try:
            with blaming(known):
                stages += len(gates(measure(bind(planning), planning), planning).stages) - 1
        except RecipeError as problem:  # told once, in however many variants it is
            problems |= dict.fromkeys(problem.diagnostics)
    if problems:
        raise RecipeError(problems)
    return stages


def resolve_recipe(
    recipe: Recipe, *, catalog: Catalog | None = None, defaults: bool = True
) -> ResolvedRecipe:
    """Give the recipe that a recipe means: composed of nothing, with the origin of every value.

    With `defaults` it has all parameters of all operators. Nothing is inspected, and the store
    isn't read. Raises RecipeError.
    """
    from recipec.plan.resolved import resolved

    known = catalog or discover()
    machine = machine_of(known)
    planning = Planning(recipe=recipe, catalog=known, machine=machine, memory=Forgetful())
    with blaming(known):
        return resolved(planning, defaults=defaults)


class Silent:
    """An observer that shows nothing."""

    def warned(self, message: str) -> None:
        """See what a plugin did wrong after the record was written."""

    def started(self, node: Node) -> None:
        """See a stage begin."""

    def progress(self, node: Node, done: float, total: float, what: str) -> None:
        """See how far a stage is."""

    def finished(self, node: Node, result: NodeResult) -> None:
        """See a stage end."""


def run_plan(
    compilation: Compilation, out: str | Path | None = None, observer: Observer | None = None
) -> RunRecord:
    """Run a plan and leave OUT behind (default `runs/NAME`): record, report, promised artifacts.

    A failed gate is in the record (`status`), not an exception. Raises StageError when a stage
    fails or a promised artifact can't be made here; OUT is then as it was before.
    """
    from recipec.run.executor import execute, limit_threads
    from recipec.run.output import RECORD, check_out, place_outputs, replacing
    from recipec.run.summary import summarize
    from recipec.run.whole import write_whole

    plan, planning, watching = compilation.plan, compilation.planning, observer or Silent()
    folder = Path(out) if out is not None else Path("runs") / plan.name
    if compilation.blocked:
        raise StageError(compilation.blocked)
    folder, kept = folder.resolve(), compilation.store.root.resolve()
    check_out(folder, kept)
    gc.enable()  # the command line begins without
    limit_threads(plan.threads)
    started, began = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
    execution = execute(plan, planning, compilation.store, watching, folder)
    made = {id: result.artifacts for id, result in execution.results.items()}
    with replacing(folder, kept) as fresh:
        outputs = place_outputs(fresh, plan.outputs, made)
        seconds = time.perf_counter() - began
        record = summarize(plan, planning, execution, outputs, started, seconds)
        write_whole(fresh / RECORD, record.model_dump_json(indent=1))
        write_whole(fresh / "plan.json", plan.model_dump_json(indent=1))
        for name, text in _reported(record, planning.catalog, watching).items():
            write_whole(fresh / name, text)
    for answer in planning.catalog.ask(
        "recipec_run_finished", record=record.model_dump(mode="json")
    ):
        for said in (*filter(None, [answer.failure]), *answer.told):
            watching.warned(said)
    return record


def render_report(
    record: RunRecord,
    *,
    catalog: Catalog | None = None,
    templates: Sequence[str | Path] | None = None,
) -> dict[str, str]:
    """Render a run record: `report.html` and `report.md`, by file name.

    `templates` are folders whose templates stand before the built-in ones (default: those that
    RECIPEC_TEMPLATES names). Raises UsageError when one of them fails.
    """
    from recipec.report.overriding import asked

    known = catalog or discover()
    folders = asked() if templates is None else tuple(Path(folder) for folder in templates)
    offered = _offered_templates(known, Silent())
    return _pages(record, _sections(record, known, Silent()), (*folders, *offered))


def render_runs(
    title: str, runs: Sequence[Run], *, templates: Sequence[str | Path] | None = None
) -> dict[str, str]:
    """Render a comparison of runs: `report.html` and `report.md`, by file name.

    `templates` as in `render_report`. Raises UsageError when one of them fails.
    """
    from recipec.report import render_comparison
    from recipec.report.overriding import asked

    folders = asked() if templates is None else tuple(Path(folder) for folder in templates)
    return render_comparison(title, runs, folders)


def _reported(record: RunRecord, known: Catalog, observer: Observer) -> dict[str, str]:
    """Render, with the built-in templates where the others fail: a run isn't lost by them."""
    from recipec.report.overriding import asked

    sections = _sections(record, known, observer)
    try:
        return _pages(record, sections, (*asked(), *_offered_templates(known, observer)))
    except UsageError as problem:
        said = problem.diagnostics[0].message
        observer.warned(f"the report is made with the built-in templates: {said}")
        return _pages(record, sections, ())


def _pages(
    record: RunRecord, sections: Sequence[tuple[str, ReportSection]], folders: tuple[Path, ...]
) -> dict[str, str]:
    from recipec.report import render_html, render_markdown

    return {
        "report.html": render_html(record, sections, folders),
        "report.md": render_markdown(record, sections, folders),
    }


def _offered_templates(known: Catalog, observer: Observer) -> tuple[Path, ...]:
    """Give the folders of plugins' templates that are there."""
    from recipec.report.overriding import of_package

    found = []
    for answer in known.ask("recipec_report_templates"):
        for said in (*filter(None, [answer.failure]), *answer.told):
            observer.warned(said)
        for named in answer.items:
            if (folder := of_package(named)) is not None:
                found.append(folder)
            else:
                observer.warned(f"plugin {answer.plugin!r} has no folder of templates {named}")
    return tuple(found)


def _sections(
    record: RunRecord, known: Catalog, observer: Observer
) -> list[tuple[str, ReportSection]]:
    from recipec.api import ReportSection

    sections = []
    for answer in known.ask("recipec_report_sections", record=record.model_dump(mode="json")):
        sections += [(answer.plugin, section) for section in answer.items]
        if answer.failure:
            values = {"failure": answer.failure}
            sections.append((answer.plugin, ReportSection(answer.plugin, "{{ failure }}", values)))
        for told in answer.told:
            observer.warned(told)
    return sections


def read_record(run: str | Path) -> RunRecord:
    """Read the record of a run: its folder, or its `run.json`. Raises UsageError."""
    from pydantic import ValidationError

    from recipec.run.output import RECORD
    from recipec.run.record import RunRecord

    path = Path(run)
    file = path / RECORD if path.is_dir() else path
    try:
        return RunRecord.model_validate_json(file.read_bytes())
    except OSError as problem:
        raise UsageError(error("no-run", f"{path} holds no run: {problem.strerror}")) from problem
    except ValidationError as problem:
        raise UsageError(
            error("no-run", f"{file} is not a run record that this recipec reads")
        ) from problem


__all__ = [
    "Compilation",
    "Silent",
    "compile_recipe",
    "compile_variants",
    "each_compiled",
    "load_recipe",
    "load_variants",
    "read_record",
    "render_report",
    "render_runs",
    "resolve_recipe",
    "run_plan",
    "validate_recipe",
    "validate_variants",
]
