"""What a run shows on the terminal: a line for each stage, and progress on long ones."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from recipec.cli.table import cell, table
from recipec.plan import Node, Plan

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from recipec.run.executor import NodeResult
    from recipec.run.record import RunRecord


class Display:
    """An observer for people: progress bars on a terminal, plain lines in pipes and CI."""

    def __init__(self, plan: Plan, *, quiet: bool) -> None:
        self.quiet = quiet
        self.width = max(len(node.id) for node in plan.stages)
        self.live = not quiet and sys.stderr.isatty()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def started(self, node: Node) -> None:
        if not self.live:
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._progress = Progress(
            TextColumn("  {task.fields[stage]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            # A thread that redraws would take part in what is being timed.
            auto_refresh=node.role != "measure",
        )
        self._progress.start()
        self._task = self._progress.add_task(node.operator, stage=node.id, total=None)

    def progress(self, node: Node, done: float, total: float, what: str) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total, description=what)

    def finished(self, node: Node, result: NodeResult) -> None:
        self._stop()
        if self.quiet or node.role == "measure":
            return
        symbol = (
            click.style("=", fg="cyan")
            if result.status == "reused"
            else click.style("+", fg="green")
        )
        detail = result.reason if result.status == "reused" else f"{result.seconds:.1f} s"
        click.echo(f"{symbol} {node.id:<{self.width}}  {result.status:<6}  {detail}", err=True)

    def warned(self, message: str) -> None:
        click.echo(f"{click.style('warning', fg='yellow', bold=True)}: {message}", err=True)

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._task = None

    def summary(self, record: RunRecord, out: Path) -> None:
        """Print what came out: a table of stages, gates, and where everything is."""
        click.echo()
        measured = [stage for stage in record.stages if stage.metrics]
        rows = [(one.id, *(cell(one, name) for name in _COLUMNS.values())) for one in measured]
        for line in table(("stage", *_COLUMNS), rows):
            click.echo(line)
        for missing in record.unmeasured:
            more = f" and {len(missing.metrics) - 1} more" if missing.metrics[1:] else ""
            click.echo(f"{missing.stage}: {missing.metrics[0]}{more}: {missing.reason}")
        colours = {"pass": "green", "fail": "red", "inconclusive": "yellow"}
        for gate in record.gates:
            verdict = click.style(gate.verdict, fg=colours[gate.verdict], bold=True)
            click.echo(
                f"gate {gate.stage} {gate.metric} {gate.required}: {verdict}: {gate.message}"
            )
        for output in record.outputs:
            click.echo(f"{output.stage}: {out / output.path}  {output.bytes:,} bytes")
        click.echo(f"report: {out / 'report.html'}")


_COLUMNS = {
    "parameters": "parameters",
    "multiply-adds": "macs",
    "disk": "size.disk",
    "accuracy": "accuracy",
    "agreement": "agreement",
    "cosine": "cosine.mean",
    "probe": "probe",
    "p50 (batch 1)": "latency.p50@batch=1",
}
