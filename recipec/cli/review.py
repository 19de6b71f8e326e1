"""Show a plan for review, and say whether it can be carried out here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recipec.diagnostics import ExitCode

if TYPE_CHECKING:
    from pydantic import BaseModel

    from recipec.compiler import Compilation
    from recipec.plan.explain import Explanation
    from recipec.plan.layer_changes import LayerChanges
    from recipec.plan.text import Page


def print_plan(
    compilation: Compilation,
    form: str,
    *,
    layers: bool = False,
    explained: str | None = None,
    quiet: bool = False,
) -> None:
    """Print a plan as text or JSON; or of it what happens to each layer, or what a node's key is
    made of. Raises UsageError when there is no such node."""
    from recipec.cli.terminal import page

    shown = page()
    plan, planning = compilation.plan, compilation.planning
    if layers:
        from recipec.plan.layer_changes import layer_changes

        changes = layer_changes(plan)
        text = _json(changes) if form == "json" else _layers(changes, shown)
    elif explained is not None:
        from recipec.plan.explain import explain

        found = explain(plan, planning, explained)
        text = _json(found) if form == "json" else _explanation(found, shown)
    elif form == "json":
        text = _json(plan)
    else:
        from recipec.plan.text import plan_text

        text = plan_text(plan, planning, shown)
    if not quiet:
        click.echo(text, nl=False, color=shown.colour)


def _json(value: BaseModel) -> str:
    return value.model_dump_json(indent=1) + "\n"


def _layers(changes: LayerChanges, page: Page) -> str:
    from recipec.plan.text.layers import layers_text

    return layers_text(changes, page)


def _explanation(found: Explanation, page: Page) -> str:
    from recipec.plan.text.explanation import explanation_text

    return explanation_text(found, page)


def changes_code(compilation: Compilation) -> int:
    """Give the exit code of `--detailed-exitcode`: 10 when something would run."""
    runs = any(node.action == "run" for node in compilation.plan.nodes)
    return ExitCode.CHANGES if runs else ExitCode.DONE


def runnable(compilation: Compilation) -> int:
    """Give the exit code: 4, with the reason told, when a promised artifact can't be made here."""
    if compilation.runnable:
        return ExitCode.DONE
    from recipec.cli.problems import show

    show(compilation.blocked)
    return ExitCode.STAGE
