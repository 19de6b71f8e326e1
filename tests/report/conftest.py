"""Run records as the seven steps make them: done, failed, and with a failed gate."""

from __future__ import annotations

from typing import Any

import pytest

from recipec.api import DataSamples, Interval
from recipec.run.record import (
    DataRecord,
    Environment,
    GateRecord,
    OutputRecord,
    RunRecord,
    StageRecord,
    Unmeasured,
)
from report.toy_models import INPUTS
from report.toy_stages import digest, estimate, seven_stages

SOURCE = """\
apiVersion: recipec/v1
name: seven-steps
vars: {amount: 0.5}
model: {uses: torch.model, with: {builder: "recipec_torch.zoo:resnet", args: {depth: 14}}}
data:
  train: {uses: data.digits, with: {split: train}}
  test: {uses: data.digits, with: {split: test}}
measure: {data: test, metrics: [size, parameters, macs, accuracy, latency]}
baseline: trained
stages:
  - {id: trained, uses: train.fit, with: {data: train, epochs: 12}}
  - {id: prune, uses: prune.channels, with: {amount: "${vars.amount}", round_to: 8}}
  # … and the rest of the seven steps
outputs: [onnx, engine]
"""


def record(**changes: Any) -> RunRecord:
    """The seven steps, all done; `changes` replace fields."""
    stages = seven_stages()
    fields: dict[str, Any] = {
        "name": "seven-steps",
        "status": "done",
        "recipec": "0.1.0",
        "started": "2026-11-24T04:12:55+00:00",
        "seconds": 133.4,
        "seed": 0,
        "threads": 2,
        "baseline": "trained",
        "recipe": SOURCE,
        "resolved": {
            "apiVersion": "recipec/v1",
            "name": "seven-steps",
            "seed": 0,
            "threads": 2,
            "stages": [{"id": s.id, "uses": s.operator, "with": s.params} for s in stages[1:]],
            "outputs": ["onnx", "engine"],
        },
        "environment": Environment(
            python="3.11.7",
            platform="Linux-6.1-x86_64",
            cpu="AMD EPYC 7B13",
            cores=2,
            packages={"torch": "2.14.1", "torch-pruning": "1.6.1", "tensorrt-rtx": "1.7.1"},
            capabilities={"cuda": None, "python:torch": "2.14.1", "avx2": ""},
        ),
        "data": [data("train", 898), data("validation", 359), data("test", 540)],
        "stages": stages,
        "measurements": measurements(stages),
        "unmeasured": [
            Unmeasured(stage=s, metrics=("latency",), reason=NO_LATENCY)
            for s in ("int8", "int8-trt")
        ]
        + [
            Unmeasured(stage="engine", metrics=(metric,), reason="blocked: needs cuda")
            for metric in ("accuracy", "latency")
        ],
        "gates": [accuracy_gate("pass", 0.0037), size_gate()],
        "outputs": [
            output("onnx", "onnx.model", "artifacts/onnx.onnx", 64_310),
            output("engine", "tensorrt.engine", "artifacts/engine.engine", 187_236),
        ],
        "estimate": estimate(60.0, 80.0, 120.0, "model"),
        "diagnostics": [
            {
                "severity": "warning",
                "code": "narrow-channels",
                "message": "int8 gains little on layers of 8 channels",
                "file": "recipes/seven-steps.yaml",
                "line": 22,
                "column": 5,
                "end_line": 22,
                "end_column": 60,
                "hint": "round_to: 16 keeps channels in multiples of 16",
                "origin": None,
            }
        ],
    }
    return RunRecord(**{**fields, **changes})


NO_LATENCY = "simulated quantization has no latency"


def data(name: str, count: int) -> DataRecord:
    facts = DataSamples(count=count, inputs=INPUTS, classes=10, split=name)
    params = {"split": name, "normalize": "unit"}
    return DataRecord(
        name=name,
        operator="data.digits",
        params=params,
        facts=facts.to_json(),
        digest=digest(f"data {name}"),
    )


def measurements(stages: list[StageRecord]) -> list[StageRecord]:
    """The nodes that measured what stands with the stages: one each, and one for all latencies."""
    nodes, timed = [], []
    for stage in stages:
        found = [m for m in stage.metrics if not m.name.startswith("latency")]
        timed += [
            m.model_copy(update={"subject": stage.id}) for m in stage.metrics if m not in found
        ]
        found = [m for m in found if m.name != "accuracy.train"]
        if found:
            node = measurement(f"{stage.id}.measure", "measure.size", {"subject": stage.id})
            nodes.append(node.model_copy(update={"metrics": tuple(found)}))
    joint = measurement("measure.latency", "measure.latency", {s.id: s.id for s in stages})
    return [*nodes, joint.model_copy(update={"metrics": tuple(timed)})]


def measurement(id: str, operator: str, inputs: dict[str, str]) -> StageRecord:
    return StageRecord(
        id=id,
        operator=operator,
        version=1,
        plugin="measure",
        status="ran",
        reason="not made before",
        params={"warmup": 10, "runs": 100, "batch": [1]},
        inputs=inputs,
        key=digest(f"key of {id}"),
        seconds=7.1,
        notes=("interleaved in 20 rounds, one thread",) if "subject" not in inputs else (),
    )


def output(stage: str, kind: str, path: str, size: int) -> OutputRecord:
    return OutputRecord(
        stage=stage, kind=kind, path=path, digest=digest(f"bytes of {stage}"), bytes=size
    )


def accuracy_gate(verdict: Any, drop: float) -> GateRecord:
    low, high = drop - 0.0035, drop + 0.0058
    return GateRecord(
        stage="onnx",
        metric="accuracy",
        required="drop ≤ 1pp",
        against="trained",
        verdict=verdict,
        message=f"accuracy fell by {drop * 100:.2f}pp ({low * 100:.2f} to {high * 100:.2f}pp)",
        value=drop,
        interval=Interval(low=low, high=high),
    )


def size_gate() -> GateRecord:
    return GateRecord(
        stage="onnx",
        metric="size.disk",
        required="ratio ≥ 3x",
        against="onnx-fp32",
        verdict="pass",
        message="size.disk is 3.48x better than on onnx-fp32",
        value=3.48,
    )


@pytest.fixture(scope="session")
def done() -> RunRecord:
    """Everything went well; the engine can't be measured here."""
    return record()


@pytest.fixture(scope="session")
def failed() -> RunRecord:
    """`int8` failed: nothing after it ran, and measuring would only have come at the end."""
    stages = [stage.model_copy(update={"metrics": ()}) for stage in seven_stages()]
    broken = next(n for n, s in enumerate(stages) if s.id == "int8")
    error = (
        "quantize.static found nothing to quantize: no layer matches 're:features.*'\n"
        "the model's layers are named conv1, layer1.0.conv1, … fc"
    )
    lost = {"made": {}, "digests": {}, "sizes": {}, "metrics": (), "peak_memory": None}
    stages[broken] = stages[broken].model_copy(
        update={**lost, "status": "failed", "error": error, "seconds": 1.9}
    )
    for later in range(broken + 1, len(stages)):
        stages[later] = stages[later].model_copy(
            update={
                **lost,
                "status": "not run",
                "reason": "not run: int8 failed",
                "key": None,
                "seconds": 0.0,
            }
        )
    return record(
        status="failed",
        seconds=49.0,
        stages=stages,
        measurements=[],
        unmeasured=[],
        gates=[],
        outputs=[],
        diagnostics=[
            {
                "severity": "error",
                "code": "stage-failed",
                "message": error,
                "file": "recipes/seven-steps.yaml",
                "line": 17,
                "column": 5,
                "hint": "write the selector as layer names: 'layer*'",
                "origin": None,
            }
        ],
    )


@pytest.fixture(scope="session")
def gate_failed() -> RunRecord:
    """All stages are done, but accuracy fell too far."""
    stages = seven_stages()
    onnx = next(n for n, stage in enumerate(stages) if stage.id == "onnx")
    lower = {"value": 0.9685, "interval": Interval(low=0.9502, high=0.9804)}
    stages[onnx] = stages[onnx].model_copy(
        update={
            "metrics": tuple(
                m.model_copy(update=lower) if m.name == "accuracy" else m
                for m in stages[onnx].metrics
            )
        }
    )
    gates = [accuracy_gate("fail", 0.0241), size_gate()]
    return record(status="gate failed", stages=stages, gates=gates)
