"""Hooks that take or give something that no hook does."""

from collections.abc import Iterable, Mapping
from typing import Any

from recipec.api import Lint, Operator, ReportSection, StageOutcome, hookimpl


@hookimpl  # E: type-var | ArgumentType
def recipec_lints() -> list[int]:
    return [1]


@hookimpl  # E: type-var | ArgumentType
def recipec_check_plan(plan: dict[str, Any]) -> Iterable[str]:
    return plan


@hookimpl  # E: type-var | ArgumentType
def recipec_report_sections(record: Mapping[str, Any], more: int) -> list[ReportSection]:
    return []


@hookimpl  # E: type-var | ArgumentType
def recipec_stage_finished(stage: str, outcome: StageOutcome) -> None:
    print(stage, outcome)


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    return [Lint]  # E: list-item | ReturnType


@hookimpl(first=True)  # E: call-overload, untyped-decorator | CallIssue
def recipec_run_finished(record: Mapping[str, Any]) -> None:
    print(record)
