"""What a stage's own process does: make the operator, call it, and say what it made."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final

from recipec.api import Artifact, Facts, ImportString, LocalFile, OperatorError, StageResult
from recipec.registry import Catalog, discover
from recipec.registry.selection import Selection
from recipec.run.isolated.job import guard_of
from recipec.run.memory import peak_memory
from recipec.run.results import wrong_result
from recipec.walls.writes import Guard, guarded

_NO_MEMORY: Final = (
    "can't allocate memory",
    "cannot allocate memory",
    "bad_alloc",
    "out of memory",
)
"""What libraries say that raise something other than MemoryError."""

Say = Callable[..., None]


def work(job: Mapping[str, Any], say: Say) -> None:
    """Do a job, and say how it went: `done`, `refused` (an OperatorError) or `raised`."""
    guard = guard_of(job)
    try:
        points = [EntryPoint(name, module, "recipec") for name, module in job["plugins"]]
        catalog = discover(points, Selection())
        for plugin in catalog.failures:
            raise ImportError(f"plugin {plugin.name!r} can't be loaded again: {plugin.failure}")
        kind = catalog.operator(job["operator"])
        operator = kind(kind.params.model_validate(job["params"]))
        inputs = {port: _artifact(given, catalog) for port, given in job["inputs"].items()}
        _limit_memory(job["memory"])
        with guarded(guard):
            result = operator.run(inputs, _Context(job, guard, say))
    except OperatorError as problem:
        say(refused=_written(problem), outside=[str(path) for path in guard.refused])
    except BaseException as problem:  # an operator may raise anything; this process is only its own
        say(
            raised=_described(problem),
            memory=bool(job["memory"]) and _is_for_memory(problem),
            outside=[str(path) for path in guard.refused],
        )
    else:
        if wrong := wrong_result(result):
            say(wrong=wrong)
        else:
            say(
                done=_result(result),
                peak_memory=peak_memory(),
                outside=[str(path) for path in guard.refused],
            )


def _result(result: StageResult) -> dict[str, Any]:
    return {
        "outputs": {port: facts.to_json() for port, facts in result.outputs.items()},
        "metrics": [metric.model_dump(mode="json") for metric in result.metrics],
        "notes": list(result.notes),
        "changed": dict(result.changed),
    }


def _artifact(given: Mapping[str, Any], catalog: Catalog) -> Artifact[Facts]:
    facts = given["facts"]
    kind = catalog.kinds.get(facts["kind"]) or _located(*given["kind"])
    return Artifact(kind.from_json(dict(facts)), Path(given["path"]), given["digest"])


def _located(module: str, file: str, qualname: str) -> type[Facts]:
    """Import a kind that none of the plugins at hand offers."""
    found: Any = importlib.import_module(module)
    for name in qualname.split("."):
        found = getattr(found, name)
    kind: type[Facts] = found
    return kind


def _limit_memory(most: int | None) -> None:
    """Let this process, and each that it starts, have so many bytes of memory of its own."""
    if most is None:
        return
    import resource  # POSIX only, as is all of this

    # On Linux what a process maps of files and shares doesn't count (getrlimit(2), RLIMIT_DATA).
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    resource.setrlimit(kind, (most, most))


def _is_for_memory(problem: BaseException) -> bool:
    said = str(problem).casefold()
    return isinstance(problem, MemoryError) or any(words in said for words in _NO_MEMORY)


def _described(problem: BaseException) -> dict[str, str]:
    return {
        "type": type(problem).__name__,
        "message": str(problem),
        "traceback": "".join(traceback.format_exception(problem)),
    }


def _written(problem: OperatorError) -> dict[str, Any]:
    return {
        "message": problem.message,
        "at": list(problem.at),
        "hint": problem.hint,
        "more": [_written(other) for other in problem.more],
    }


class _Context:
    """The `RunContext` that an operator's `run()` gets here."""

    def __init__(self, job: Mapping[str, Any], guard: Guard, say: Say) -> None:
        self._job, self._guard, self._say = job, guard, say
        self.seed: int = job["seed"]
        self.threads: int = job["threads"]

    @property
    def scratch(self) -> Path:
        folder = Path(self._job["work"])
        with self._guard.opened():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def path_for(self, output: str) -> Path:
        return Path(self._job["outputs"][output])

    def file(self, reference: LocalFile) -> Path:
        return (Path(self._job["recipe"]) / Path(reference).expanduser()).absolute()

    def source(self, code: ImportString) -> Path | None:
        return self.file(LocalFile(code.module)) if code.is_file else None

    def progress(self, done: float, total: float, what: str) -> None:
        self._say(progress=[done, total, what])
