"""The `RunContext` that an operator's `run()` gets in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recipec.api import ImportString, LocalFile
from recipec.plan import Plan, Planning
from recipec.run.isolated.job import Place
from recipec.walls import Walled


@dataclass(frozen=True, slots=True)
class Context:
    """What an operator may ask; what it asks is recipec's own doing, outside the walls."""

    plan: Plan
    planning: Planning
    place: Place
    within: Walled
    tell: Callable[[float, float, str], None]

    @property
    def seed(self) -> int:
        return self.plan.seed

    @property
    def threads(self) -> int:
        return self.plan.threads

    @property
    def scratch(self) -> Path:
        with self.place.guard.opened():
            self.place.work.mkdir(parents=True, exist_ok=True)
        return self.place.work

    def path_for(self, output: str) -> Path:
        return self.place.outputs[output]

    def file(self, reference: LocalFile) -> Path:
        return self.planning.file(reference)

    def source(self, code: ImportString) -> Path | None:
        return self.planning.file(code.module) if code.is_file else None

    def progress(self, done: float, total: float, what: str) -> None:
        with self.place.guard.opened(), self.within.output.aside():
            self.tell(done, total, what)
