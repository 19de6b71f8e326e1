"""The command line; each command is imported only when it is called."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

import click

from recipec.cli.lazy import LazyGroup
from recipec.diagnostics import ExitCode

COMMANDS = {
    "apply": "Run a plan that was reviewed, if it still holds.",
    "compile": "Compile a recipe and run it, or show its plan.",
    "diff": "Show how two recipes, plans or runs differ.",
    "explain": "Explain a code of an error or a warning.",
    "init": "Write a new recipe, with comments on what to change.",
    "lock": "Lock versions, data and code of a recipe.",
    "migrate": "Rewrite recipes of an older version to the current one.",
    "plugins": "List, look at, check and begin plugins.",
    "render": "Print the resolved recipe, and where each value came from.",
    "report": "Render the report of a run again.",
    "schema": "Write the JSON Schemas of recipes, plans and run records.",
    "validate": "Check a recipe without planning it.",
}


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"recipec {version('recipec')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    package="recipec.cli",
    summaries=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Compile model-optimization recipes: plan, run, report.

    Shell completion: eval "$(_RECIPEC_COMPLETE=bash_source recipec)" (or zsh_source, fish_source).

    Exit codes: 0 done, 1 the recipe (or a plugin that is checked) is wrong, 2 usage, 3 a bug in
    recipec, 4 a stage failed or can't run here, 5 a gate failed, 130 interrupted; with
    --detailed-exitcode, 10 something would run, or differs.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with recipec's codes."""
    gc.disable()  # start-up makes many objects and no garbage; a run turns it on again
    try:
        code = cli.main(arguments, prog_name="recipec", standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        code = problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        kept = "what was done is kept: the same command goes on from there"
        click.echo(f"interrupted; {kept}", err=True)
        code = int(ExitCode.INTERRUPTED)
    except SystemExit as ended:  # click's own: completion, and a reader that is gone (`| head`)
        code = 141 if isinstance(ended.__context__, BrokenPipeError) else ended.code
    except Exception as problem:  # the last place where it can be reported
        from recipec.cli.problems import report_problem

        code = report_problem(problem, list(sys.argv[1:] if arguments is None else arguments))
    gc.freeze()  # all is about to go: the interpreter need not look through it for cycles
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
