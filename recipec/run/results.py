"""What `run()` may return: anything else is the operator's mistake, told before it does harm."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Facts, Metric, StageResult
from recipec.plan.planned import is_count, shown, wrong_in_list, wrong_in_mapping


def wrong_result(result: object) -> str | None:
    """Say what is wrong with what `run()` returned, None when nothing is."""
    if not isinstance(result, StageResult):
        return f"returned {shown(result)}, not a StageResult"
    return next((f"returned a StageResult whose {wrong}" for wrong in _wrong(result)), None)


def _wrong(result: StageResult) -> Iterator[str]:
    yield from wrong_in_mapping("outputs", result.outputs, lambda one: isinstance(one, Facts))
    yield from wrong_in_mapping("changed", result.changed, is_count)
    yield from wrong_in_list("metrics", result.metrics, lambda one: isinstance(one, Metric))
    yield from wrong_in_list("notes", result.notes, lambda one: isinstance(one, str))
