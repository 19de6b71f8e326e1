"""`recipec compile`: plan a recipe and run it, or show the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recipec.diagnostics import Diagnostic, ExitCode, Severity

if TYPE_CHECKING:
    from recipec.compiler import Compilation
    from recipec.plan import Plan


@click.command("compile", short_help="Compile a recipe and run it, or show its plan.")
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the plan; run nothing.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where the run goes (default: runs/NAME)."
)
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    help="Where results are kept for reuse (default: RECIPEC_STORE, else the user's cache folder).",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a variable or any value, e.g. vars.amount=0.5 or stages.prune.with.round_to=16.",
)
@click.option(
    "--force",
    multiple=True,
    metavar="STAGE",
    help="Run this stage again even if it could be reused.",
)
@click.option("--until", metavar="STAGE", help="Run only this stage and what it needs.")
@click.option("--strict", is_flag=True, help="Exit 5 also when a gate is inconclusive.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the plan or the result is printed.",
)
@click.option(
    "--print-after",
    metavar="PASS",
    help="Show the plan as JSON after bind, measure, select, infer, check, key, reuse or advise.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("--debug", is_flag=True, help="Show tracebacks with errors.")
def command(
    recipe: Path,
    dry_run: bool,
    out: Path | None,
    store: Path | None,
    settings: tuple[str, ...],
    force: tuple[str, ...],
    until: str | None,
    strict: bool,
    form: str,
    print_after: str | None,
    quiet: bool,
    debug: bool,
) -> int:
    """Compile RECIPE to a plan and run it; with --dry-run, show the plan for review."""
    from recipec.compiler import compile_recipe, load_recipe

    try:
        compilation = compile_recipe(
            load_recipe(recipe, settings),
            store=store,
            force=force,
            until=until,
            observe=_stop_after(print_after) if print_after else None,
        )
    except _Stop as stop:
        click.echo(stop.plan.model_dump_json(indent=1))
        return ExitCode.DONE
    if dry_run:
        if not quiet:
            _print_plan(compilation, form)
        return _runnable(compilation)
    return _run(compilation, out, strict, form, quiet)


class _Stop(Exception):
    """The pass that `--print-after` names is done."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan


def _stop_after(name: str) -> Callable[[str, Plan], None]:
    from recipec.plan import PASSES

    names = ("bind", *PASSES)
    if name not in names:
        raise click.BadParameter(f"{name!r} is none of {', '.join(names)}")

    def observe(done: str, plan: Plan) -> None:
        if done == name:
            raise _Stop(plan)

    return observe


def _print_plan(compilation: Compilation, form: str) -> None:
    if form == "json":
        click.echo(compilation.plan.model_dump_json(indent=1))
        return
    from recipec.plan.text import plan_text

    click.echo(plan_text(compilation.plan, compilation.planning, colour=True), nl=False)


def _runnable(compilation: Compilation) -> int:
    if compilation.runnable:
        return ExitCode.DONE
    from recipec.cli.problems import show

    show(compilation.blocked)
    return ExitCode.STAGE


def _run(compilation: Compilation, out: Path | None, strict: bool, form: str, quiet: bool) -> int:
    from recipec.cli.display import Display
    from recipec.cli.problems import show
    from recipec.compiler import run_plan

    folder = out if out is not None else Path("runs") / compilation.plan.name
    if not quiet:
        show(compilation.plan.diagnostics)
    with Display(compilation.plan, quiet=quiet or form == "json") as display:
        record = run_plan(compilation, folder, display)
    undecided = [gate for gate in record.gates if gate.verdict == "inconclusive"]
    failed = [gate for gate in record.gates if gate.verdict == "fail"]
    if form == "json":
        click.echo(record.model_dump_json(indent=1))
    elif not quiet:
        display.summary(record, folder)
    severity = Severity.ERROR if strict else Severity.WARNING
    problems = [(gate, Severity.ERROR) for gate in failed]
    if strict or not quiet:
        problems += [(gate, severity) for gate in undecided]
    show(
        Diagnostic(
            how,
            "gate",
            f"{gate.stage}: {gate.metric} {gate.required}"
            + (f" against {gate.against}" if gate.against else "")
            + f": {gate.verdict}: {gate.message}",
        )
        for gate, how in problems
    )
    return ExitCode.GATE if failed or (strict and undecided) else ExitCode.DONE
