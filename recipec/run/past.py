"""A past run as one side of a comparison."""

from __future__ import annotations

import platform
from typing import Any

from recipec.plan.diff.snapshot import NodeSnapshot, Snapshot, gate_line, measurings
from recipec.plan.machine import cores, cpu_name
from recipec.run.record import Environment, RunRecord, StageRecord


def snapshot_of_run(record: RunRecord, name: str) -> Snapshot:
    """Take a snapshot of a run; `name` is what the command line calls it."""
    return Snapshot(
        kind="run",
        name=name,
        recipe={n: getattr(record, n) for n in ("name", "seed", "threads", "baseline")},
        data={
            one.name: NodeSnapshot(
                operator=one.operator,
                version=None,
                params=one.params,
                content=one.content,
                digest=one.digest,
                planned={"samples": one.facts},
                made={"samples": one.facts},
            )
            for one in record.data
        },
        stages={stage.id: _stage(stage) for stage in record.stages},
        measurements=measurings(
            (one.operator, one.version, one.params, one.inputs.values())
            for one in record.measurements
        ),
        outputs=tuple(dict.fromkeys(output.stage for output in record.outputs)),
        gates=tuple(gate_line(gate, record.baseline) for gate in record.gates),
        versions={"recipec": record.recipec, **_versions(record.environment)},
        verdicts={gate_line(gate, record.baseline): gate.verdict for gate in record.gates},
    )


def _stage(stage: StageRecord) -> NodeSnapshot:
    return NodeSnapshot(
        operator=stage.operator,
        version=stage.version,
        params=stage.params,
        inputs=stage.inputs,
        content=stage.content,
        planned=stage.planned,
        made=stage.made,
        metrics={metric.name: metric.model_dump(mode="json") for metric in stage.metrics},
    )


def machine() -> dict[str, Any]:
    """Give what a record says of this machine besides packages and capabilities."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cores": cores(),
    }


def _versions(environment: Environment) -> dict[str, Any]:
    about = {n: getattr(environment, n) for n in ("python", "platform", "cpu", "cores")}
    return {**environment.packages, **environment.capabilities, **about}
