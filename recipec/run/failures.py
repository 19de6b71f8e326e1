"""The ways in which a stage can fail, each as an error that names stage, operator and plugin."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from recipec.api import OperatorError
from recipec.diagnostics import StageError
from recipec.plan import Node, Planning
from recipec.plan.infer import mistake_of, operator_diagnostic
from recipec.registry import named

_LINES: Final = 6
"""How much of a log an error shows."""


class Failures(NamedTuple):
    """Makes the errors of one node; `log` is that of its own process, where it had one."""

    node: Node
    planning: Planning
    log: Path | None = None

    @property
    def package(self) -> str:
        """The top package of the plugin."""
        plugin = self.planning.catalog.plugin(self.node.plugin)
        return "" if plugin is None else plugin.package

    @property
    def who(self) -> str:
        plugin = named(self.node.plugin, self.planning.catalog.plugin(self.node.plugin))
        return f"{self.node.id} ({self.node.operator} of plugin {plugin})"

    def refused(self, problem: OperatorError) -> StageError:
        """The operator says what is wrong."""
        return StageError(operator_diagnostic(problem, self.node, self.planning))

    def raised(self, kind: str, message: str) -> StageError:
        """It raised anything else."""
        said = f"{self.node.id} ({self.node.operator}) failed: {kind}: {message}"
        hint = "run with --debug for the traceback"
        return StageError(self.planning.recipe.error("stage-failed", said, self.node.at, hint))

    def wrong(self, what: str) -> StageError:
        """It returned something that is no result."""
        said = f"{self.node.id}: run() of {self.node.operator} {what}"
        hint = mistake_of(self.node, self.planning)
        return StageError(self.planning.recipe.error("operator-failed", said, self.node.at, hint))

    def wrote_outside(self, paths: Sequence[Path | str]) -> StageError:
        """It tried to write what isn't its to write."""
        more = f", and {len(paths) - 1} more" if paths[1:] else ""
        said = f"{self.who} tried to write {paths[0]}{more}, which is not its to write"
        hint = f"{mistake_of(self.node, self.planning)}; nothing was written there"
        return StageError(self.planning.recipe.error("wrote-outside", said, self.node.at, hint))

    def late(self, limit: str | None) -> StageError:
        """Its time was up."""
        said = f"{self.who} took longer than its limit of {limit}, and was ended"
        hint = "raise the limit, or take less: fewer samples, fewer epochs, a smaller model"
        return self._ended("time-limit", said, hint)

    def out_of_memory(self, limit: str | None, what: str) -> StageError:
        """It wanted more memory than it may have."""
        said = f"{self.who} wanted more memory than its limit of {limit} ({what})"
        return self._ended("memory-limit", said, "raise the limit, or take smaller batches")

    def crashed(self, status: int, limit: str | None) -> StageError:
        """Its process ended without a word."""
        if status >= 0:
            how = f"ended itself with exit code {status}"
        else:
            try:
                name = signal.Signals(-status).name
            except ValueError:  # a real-time signal has none
                name = f"signal {-status}"
            how = f"was ended by {name}"
            if name == "SIGKILL":
                how += ", by the system most likely, for want of memory"
            elif limit is not None:
                how += f" (its memory was limited to {limit})"
        said = f"{self.who} crashed: its process {how}"
        return self._ended("stage-crashed", said, mistake_of(self.node, self.planning))

    def _ended(self, code: str, said: str, hint: str) -> StageError:
        written = "" if self.log is None else self._tail(self.log)
        return StageError(self.planning.recipe.error(code, said, self.node.at, hint + written))

    @staticmethod
    def _tail(log: Path) -> str:
        try:
            lines = log.read_text(errors="replace").rstrip().splitlines()
        except OSError as problem:
            return f"; its log can't be read: {problem}"
        if not lines:
            return ""
        fatal = [n for n, line in enumerate(lines) if line.startswith("Fatal Python error")]
        first = fatal[-1] if fatal else max(len(lines) - _LINES, 0)  # the stack is behind it
        shown = "\n".join(f"  {line[:200]}" for line in lines[first : first + _LINES])
        return f"; it wrote last:\n{shown}\n  all of it: {log}"
