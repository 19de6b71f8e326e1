"""An execution → the run record."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version

from recipec.api import Artifact, Facts, Metric, Scores, Unknown
from recipec.plan import Node, Plan, Planning
from recipec.plan.content import content
from recipec.plan.machine import cores, cpu_name
from recipec.plan.measure import measured_names
from recipec.run.executor import Execution, NodeResult
from recipec.run.gates import judge
from recipec.run.record import (
    DataRecord,
    Environment,
    OutputRecord,
    RunRecord,
    StageRecord,
    Unmeasured,
)


def summarize(
    plan: Plan,
    planning: Planning,
    execution: Execution,
    outputs: tuple[OutputRecord, ...],
    started: str,
    seconds: float,
) -> RunRecord:
    """Make the record of a run that reached its end."""
    results = execution.results
    metrics = _metrics(plan, results)
    scores = _scores(plan, results)
    gates = tuple(judge(gate, metrics, scores) for gate in plan.gates)
    stages = tuple(
        _stage(results[node.id], tuple(metrics.get(node.id, {}).values())) for node in plan.stages
    )
    spec = planning.recipe.spec
    diagnostics = (*plan.diagnostics, *execution.warnings)
    return RunRecord(
        name=plan.name,
        status="gate failed" if any(g.verdict == "fail" for g in gates) else "done",
        recipec=version("recipec"),
        started=started,
        seconds=seconds,
        seed=plan.seed,
        threads=plan.threads,
        baseline=plan.baseline,
        recipe=planning.recipe.document.text,
        resolved=_resolved(plan, spec.model_dump(mode="json", by_alias=True, exclude_none=True)),
        environment=_environment(planning),
        data=tuple(_data(results[node.id]) for node in plan.data if results[node.id].artifacts),
        stages=stages,
        measurements=tuple(
            _stage(results[node.id], results[node.id].metrics) for node in plan.measurements
        ),
        unmeasured=tuple(_unmeasured(plan, planning)),
        gates=gates,
        outputs=outputs,
        plugins=dict(plan.plugins),
        estimate=plan.estimate,
        diagnostics=tuple(diagnostic.to_json() for diagnostic in diagnostics),
        silenced=tuple(silenced.to_json() for silenced in plan.silenced),
    )


def _metrics(plan: Plan, results: Mapping[str, NodeResult]) -> dict[str, dict[str, Metric]]:
    """Give all metrics by the stage that they are about, and name."""
    found: dict[str, dict[str, Metric]] = {}
    for node in (*plan.stages, *plan.measurements):
        subject = node.inputs.get("subject")
        about = subject.node if subject else node.id
        for metric in results[node.id].metrics:
            found.setdefault(metric.subject or about, {})[metric.name] = metric
    return found


def _scores(plan: Plan, results: Mapping[str, NodeResult]) -> dict[str, list[Artifact[Facts]]]:
    """Give the results by sample that evaluators left, by the stage they are about."""
    found: dict[str, list[Artifact[Facts]]] = {}
    for node in plan.measurements:
        if (subject := node.inputs.get("subject")) is not None:
            made = results[node.id].artifacts.values()
            found.setdefault(subject.node, []).extend(
                a for a in made if isinstance(a.facts, Scores)
            )
    return found


def _stage(result: NodeResult, metrics: tuple[Metric, ...]) -> StageRecord:
    node = result.node
    return StageRecord(
        id=node.id,
        operator=node.operator,
        version=node.version,
        plugin=node.plugin,
        status=result.status,
        reason=result.reason,
        params=node.params,
        content=_content(node),
        inputs={port: edge.node for port, edge in node.inputs.items()},
        key=result.key,
        planned={port: facts.comparable_json() for port, facts in node.outputs.items()},
        made={port: a.facts.comparable_json() for port, a in result.artifacts.items()},
        digests={port: artifact.digest for port, artifact in result.artifacts.items()},
        sizes={port: artifact.size for port, artifact in result.artifacts.items()},
        seconds=result.seconds,
        peak_memory=result.peak_memory,
        estimate=node.estimate,
        metrics=metrics,
        effects=node.effects,
        changed=dict(result.changed),
        notes=result.notes,
    )


def _data(result: NodeResult) -> DataRecord:
    node = result.node
    artifact = next(iter(result.artifacts.values()))
    return DataRecord(
        name=node.id.removeprefix("data."),
        operator=node.operator,
        params=node.params,
        content=_content(node),
        facts=artifact.facts.to_json(),
        digest=artifact.digest,
    )


def _content(node: Node) -> dict[str, str]:
    known = node.ingredients
    return {} if isinstance(known, Unknown) else content(node.params, known["params"])


def _unmeasured(plan: Plan, planning: Planning) -> list[Unmeasured]:
    found = []
    for node in plan.measurements:
        names = measured_names(node, planning)
        for port, edge in node.inputs.items():
            reason = node.unmeasured.get(port)
            if reason is None and node.action == "blocked" and not edge.is_data:
                reason = f"blocked: {node.reason}"
            if reason is not None:
                found.append(Unmeasured(stage=edge.node, metrics=names, reason=reason))
    return found


def _resolved(plan: Plan, spec: dict[str, object]) -> dict[str, object]:
    """Give the recipe as it was understood, with every default of every operator."""
    complete = {node.id: {"uses": node.operator, "with": node.params} for node in plan.nodes}
    stages = spec["stages"]
    return {
        **spec,
        "model": complete.get("model", spec["model"]),
        "data": {
            node.id.removeprefix("data."): {"uses": node.operator, "with": node.params}
            for node in plan.data
        },
        "stages": [
            {**stage, **complete.get(stage["id"], {})}
            for stage in (stages if isinstance(stages, list) else [])
        ],
    }


def _environment(planning: Planning) -> Environment:
    probed = planning.machine.probed
    return Environment(
        python=platform.python_version(),
        platform=platform.platform(),
        cpu=cpu_name(),
        cores=cores(),
        packages={
            name.removeprefix("python:"): found
            for name, found in probed.items()
            if name.startswith("python:") and found is not None
        },
        capabilities={name: v for name, v in probed.items() if not name.startswith("python:")},
    )
