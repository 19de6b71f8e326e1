"""Run records to try report sections on."""

from __future__ import annotations

from typing import Any

from recipec.api import Facts, Metric
from recipec.run.record import Environment, RunRecord, StageRecord


def example_record(*stages: StageRecord, **changes: Any) -> dict[str, Any]:
    """Give the record of a run as report sections get it: JSON.

    `stages` are its stages (see `stage_record`), `changes` fields of
    `recipec.run.record.RunRecord`, whose JSON Schema is `schemas/run.v1.schema.json`.
    """
    fields: dict[str, Any] = {
        "name": "example",
        "status": "done",
        "recipec": "1.0",
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.5,
        "seed": 0,
        "threads": 1,
        "baseline": None,
        "recipe": "apiVersion: recipec/v1\nname: example\n",
        "resolved": {"apiVersion": "recipec/v1", "name": "example"},
        "environment": Environment(
            python="3.11.9", platform="Linux", cpu="a CPU", cores=2, packages={}, capabilities={}
        ),
        "data": (),
        "stages": stages,
        "measurements": (),
    }
    return RunRecord(**{**fields, **changes}).model_dump(mode="json")


def stage_record(
    id: str, operator: str, *, metrics: tuple[Metric, ...] = (), **others: Any
) -> StageRecord:
    """Make a stage that ran, for `example_record`.

    `made` and `planned`, facts by port, may be given as `Facts`; `others` are fields of
    `recipec.run.record.StageRecord`.
    """
    for name in ("made", "planned"):
        others[name] = {
            port: facts.to_json() if isinstance(facts, Facts) else facts
            for port, facts in others.get(name, {}).items()
        }
    defaults: dict[str, Any] = {
        "version": 1,
        "plugin": operator.partition(".")[0],
        "status": "ran",
        "reason": "not made before",
    }
    return StageRecord(id=id, operator=operator, metrics=metrics, **{**defaults, **others})
