"""Plan and run contexts for an operator on its own: no recipe, no store."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from recipec.api import Artifact, Facts, ImportString, LocalFile, Operator, Requirement
from recipec.api.code import load_object
from recipec.api.digests import digest_path
from recipec.registry import installed_version

SCRATCH: Final = "scratch"
MADE: Final = "made"
"""The folders of `AloneRunContext`, in its own."""


@dataclass(frozen=True)
class AlonePlanContext:
    """Plans one operator in `folder`: everything the machine lacks is in `lacks`.

    `answers` remembers what `inspect` returned, by the JSON of function and arguments, so that a
    plan can be made again where no framework can be imported.
    """

    folder: Path
    lacks: frozenset[str] = frozenset()
    answers: dict[str, Any] = field(default_factory=dict)

    def missing(self, requirement: Requirement) -> str | None:
        return f"needs {requirement.spec}" if requirement.capability in self.lacks else None

    def version(self, distribution: str) -> str | None:
        lacked = f"python:{distribution}" in self.lacks
        return None if lacked else installed_version(distribution)

    def file(self, reference: LocalFile) -> Path:
        return self.folder / reference

    def inspect(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        code: ImportString | None = None,
        files: tuple[LocalFile, ...] = (),
        packages: tuple[str, ...] = (),
    ) -> Any:
        question = json.dumps([function, dict(arguments), code], sort_keys=True)
        if question not in self.answers:
            module, _, name = function.partition(":")
            loaded = {} if code is None else {"code": load_object(code, self.folder)}
            answer = getattr(importlib.import_module(module), name)(**arguments, **loaded)
            # What recipec remembers is JSON, so an operator must not count on more than that.
            self.answers[question] = json.loads(json.dumps(answer))
        return self.answers[question]


@dataclass(frozen=True)
class BarePlanContext(AlonePlanContext):
    """Plans one operator for a machine that has nothing an operator may require."""

    def missing(self, requirement: Requirement) -> str | None:
        return f"needs {requirement.spec}"

    def version(self, distribution: str) -> str | None:
        return None


@dataclass(frozen=True)
class AloneRunContext:
    """Runs one operator in `folder`, which receives its outputs under `made/`.

    `files` is where the recipe's local files are looked for; left out, in `folder`. `said` keeps
    what the operator told about its progress.
    """

    folder: Path
    operator: Operator[Any]
    seed: int = 0
    threads: int = 1
    said: list[str] = field(default_factory=list)
    files: Path | None = None

    @property
    def scratch(self) -> Path:
        scratch = self.folder / SCRATCH
        scratch.mkdir(parents=True, exist_ok=True)
        return scratch

    def path_for(self, output: str) -> Path:
        made = self.folder / MADE
        made.mkdir(parents=True, exist_ok=True)
        return made / f"{output}{self.operator.outputs[output].kind.suffix}"

    def file(self, reference: LocalFile) -> Path:
        return (self.files or self.folder) / reference

    def source(self, code: ImportString) -> Path | None:
        return (self.files or self.folder) / code.module if code.is_file else None

    def progress(self, done: float, total: float, what: str) -> None:
        self.said.append(what)


def run_alone(
    operator: Operator[Any],
    inputs: Mapping[str, Artifact[Any]],
    folder: Path,
    *,
    seed: int = 0,
    threads: int = 1,
    files: Path | None = None,
) -> tuple[dict[str, Artifact[Facts]], AloneRunContext]:
    """Run an operator in `folder` and give its outputs as artifacts, with their digests.

    Raises what the operator raises, and OSError when it didn't write an output that it returned.
    """
    context = AloneRunContext(folder, operator, seed, threads, files=files)
    result = operator.run(inputs, context)
    return {
        port: Artifact(facts, path, digest_path(path, facts.unstable))
        for port, facts in result.outputs.items()
        for path in [context.path_for(port)]
    }, context
