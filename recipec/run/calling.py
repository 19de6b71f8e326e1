"""Call an operator's `run()`: here, within walls, or in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from recipec.api import Artifact, Operator, OperatorError, RunContext, StageResult
from recipec.run.failures import Failures
from recipec.run.results import wrong_result
from recipec.walls import Walled, walled
from recipec.walls.writes import Guard, guarded

if TYPE_CHECKING:
    from recipec.run.isolated.job import Place

Inputs = Mapping[str, Artifact[Any]]


class Made(NamedTuple):
    """What a call gave: the result, the peak of memory of its own process (None: it had none, or it
    can't be told), and what it did to this process, in sentences."""

    result: StageResult
    peak_memory: int | None = None
    told: tuple[str, ...] = ()


def call_here(
    operator: Operator[Any],
    inputs: Inputs,
    context: Callable[[Walled], RunContext],
    guard: Guard,
    failures: Failures,
) -> Made:
    """Call it in this process. Raises StageError."""
    with walled(failures.package) as within:
        try:
            with guarded(guard):
                result = operator.run(inputs, context(within))
        except (Exception, SystemExit) as problem:  # an operator may raise anything
            if guard.refused:  # what comes of that matters less
                raise failures.wrote_outside(guard.refused) from problem
            if isinstance(problem, OperatorError):
                raise failures.refused(problem) from problem
            raise failures.raised(type(problem).__name__, str(problem)) from problem
    if guard.refused:  # although the operator swallowed it
        raise failures.wrote_outside(guard.refused)
    if wrong := wrong_result(result):
        raise failures.wrong(wrong)
    return Made(result, told=tuple(f"{failures.who} {what}" for what in within.told))


def call_apart(
    inputs: Inputs,
    place: Place,
    progress: Callable[[float, float, str], None],
    failures: Failures,
    *,
    seed: int,
    threads: int,
) -> Made:
    """Call it in a process of its own. Raises StageError."""
    from recipec.run.isolated.job import job
    from recipec.run.isolated.parent import run_apart
    from recipec.run.isolated.verdict import verdict

    node, catalog = failures.node, failures.planning.catalog
    limits = node.isolation
    memory, seconds = (None, None) if limits is None else (limits.bytes, limits.seconds)
    task = job(node, inputs, place, catalog, seed=seed, threads=threads, memory=memory)
    if failures.log is None:
        raise TypeError("a process of its own has a log")
    ended = run_apart(task, failures.log, progress, seconds)
    return Made(*verdict(ended, failures, catalog))
