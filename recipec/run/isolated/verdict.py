"""How a stage's own process ended → its result, or the error that says what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from recipec.api import Metric, OperatorError, StageResult
from recipec.registry import Catalog
from recipec.run.failures import Failures
from recipec.run.isolated.parent import Ended


class Elsewhere(Exception):
    """The traceback of what was raised in another process."""


def verdict(ended: Ended, failures: Failures, catalog: Catalog) -> tuple[StageResult, int | None]:
    """Give the result and the peak of memory in bytes. Raises StageError."""
    limits = failures.node.isolation
    time, memory = (None, None) if limits is None else (limits.time, limits.memory)
    answer = ended.answer
    if answer is None:
        raise failures.late(time) if ended.late else failures.crashed(ended.status, memory)
    if outside := answer.get("outside"):  # what comes of that matters less
        raise failures.wrote_outside(outside)
    if "refused" in answer:
        raise failures.refused(_operator_error(answer["refused"]))
    if "wrong" in answer:
        raise failures.wrong(answer["wrong"])
    if "raised" in answer:
        raised = answer["raised"]
        what = f"{raised['type']}: {raised['message']}".rstrip(": ")
        cause = Elsewhere(f"\n{raised['traceback']}")
        if answer["memory"]:
            raise failures.out_of_memory(memory, what) from cause
        raise failures.raised(raised["type"], raised["message"]) from cause
    try:
        return _result(answer["done"], catalog), answer["peak_memory"]
    except (KeyError, ValidationError) as problem:
        raise failures.wrong(f"made facts that can't be read: {problem}") from problem


def _result(done: Mapping[str, Any], catalog: Catalog) -> StageResult:
    return StageResult(
        {port: catalog.facts(facts) for port, facts in done["outputs"].items()},
        tuple(Metric.model_validate(metric) for metric in done["metrics"]),
        tuple(done["notes"]),
        done["changed"],
    )


def _operator_error(written: Mapping[str, Any]) -> OperatorError:
    return OperatorError(
        written["message"],
        at=tuple(written["at"]),
        hint=written["hint"],
        more=tuple(map(_operator_error, written["more"])),
    )
