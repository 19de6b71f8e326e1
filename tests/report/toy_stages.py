"""The stages of the seven steps, with what was measured on them."""

from __future__ import annotations

import hashlib
from typing import Any

from recipec.api import (
    Basis,
    Comparison,
    Estimate,
    Expected,
    Facts,
    Interval,
    Metric,
    TensorRTEngine,
)
from recipec.run.record import StageRecord
from report.toy_models import (
    FULL,
    INPUTS,
    OUTPUTS,
    PRUNED,
    exported,
    onnx_facts,
    planned,
    torch_facts,
)


def digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


def metrics(
    disk: int, facts: Any, accuracy: float, latency: tuple[float, float, float, float] | None
) -> tuple[Metric, ...]:
    """What is measured on a model; `latency` is p50 in µs and how many times faster than
    `trained`, with the interval."""
    table = facts.layers
    low, high = max(accuracy - 0.011, 0.0), min(accuracy + 0.006, 1.0)
    found = [
        Metric(name="size.disk", value=disk, unit="bytes", better="lower"),
        Metric(name="size.memory", value=table.bytes, unit="bytes", better="lower"),
        Metric(name="parameters", value=table.parameters, unit="1", better="lower"),
        Metric(name="macs", value=table.macs, unit="1", better="lower"),
        Metric(
            name="accuracy",
            value=accuracy,
            unit="share",
            better="higher",
            interval=Interval(low=low, high=high),
            count=540,
        ),
    ]
    if latency is not None:
        p50, ratio, *ends = latency
        interval = Interval(low=ends[0], high=ends[1])
        compared = Comparison(to="trained", ratio=ratio, interval=interval)
        for name, factor in (("latency.p50@batch=1", 1.0), ("latency.p95@batch=1", 1.3)):
            found.append(
                Metric(
                    name=name,
                    value=p50 * factor * 1e-6,
                    unit="s",
                    better="lower",
                    interval=Interval(low=p50 * factor * 0.97e-6, high=p50 * factor * 1.04e-6),
                    count=100,
                    comparison=None if ends == [1.0, 1.0] else compared,
                )
            )
    return tuple(found)


TOLD = Metric(name="accuracy.train", value=0.9978, unit="share", better="higher", count=898)
"""What training tells of itself; nobody measured it on the result."""


def stage(
    id: str,
    operator: str,
    params: dict[str, Any],
    facts: tuple[Facts, Facts],
    measured: tuple[Metric, ...] = (),
    inputs: dict[str, str] | None = None,
    **more: Any,
) -> StageRecord:
    """A stage that ran; `facts` are those planned and those read back."""
    fields: dict[str, Any] = {
        "id": id,
        "operator": operator,
        "version": 1,
        "plugin": operator.partition(".")[0],
        "status": "ran",
        "reason": "run: nothing is stored for it yet",
        "params": params,
        "inputs": inputs or {},
        "key": digest(f"key of {id}"),
        "planned": {"model": facts[0].to_json()},
        "made": {"model": facts[1].to_json()},
        "digests": {"model": digest(f"bytes of {id}")},
        "sizes": {"model": round(next((m.value for m in measured), 0.0))},
        "metrics": measured,
        "seconds": 0.8,
        "peak_memory": 412_000_000,
        "estimate": estimate(0.2, 0.7, 2.6, "model", runs=3),
    }
    return StageRecord(**{**fields, **more})


def estimate(low: float, likely: float, high: float, basis: Basis, runs: int = 0) -> Estimate:
    """Seconds as given; half a gigabyte of memory or so, and an unknown number of bytes on disk."""
    return Estimate(
        seconds=Expected(low=low, likely=likely, high=high, basis=basis, runs=runs),
        peak_memory=Expected(low=2e8, likely=4e8, high=6e8, basis="model"),
    )


FREE = Estimate(
    seconds=Expected(low=0, likely=0, high=0, basis="exact"),
    peak_memory=Expected(low=0, likely=0, high=0, basis="exact"),
    disk=Expected(low=0, likely=0, high=0, basis="exact"),
)
"""What the plan expects of a stage that is reused."""


def seven_stages() -> list[StageRecord]:
    """The stages of the seven steps; trained and retrained weights count no zeros in the plan."""
    full, pruned = torch_facts(FULL), torch_facts(PRUNED)
    int8, int8_trt = exported("cpu"), exported("tensorrt")
    small, large = onnx_facts(PRUNED, "int8", "cpu"), onnx_facts(FULL, "fp32", None)
    symmetric = onnx_facts(PRUNED, "int8", "tensorrt")
    planned_engine = TensorRTEngine(
        inputs=INPUTS,
        outputs=OUTPUTS,
        precision="int8",
        runtime="tensorrt-rtx",
        compute_capabilities=("8.0", "8.9"),
    )
    engine = planned_engine.model_copy(update={"runtime_version": "1.7.1"})
    fit = {"data": "train", "epochs": 12, "optimizer": {"name": "adamw", "lr": 0.003}}
    reused = {"status": "reused", "reason": "reuse: same key", "estimate": FREE}
    size = Metric(name="size.disk", value=187_236, unit="bytes", better="lower")
    return [
        stage(
            "model",
            "torch.model",
            {"builder": "recipec_torch.zoo:resnet", "args": {"depth": 14}, "weights": None},
            (full, full),
            sizes={"model": 712_344},
            **reused,
        ),
        stage(
            "trained",
            "train.fit",
            fit,
            (planned(full), full),
            (*metrics(712_344, full, 0.9926, (905.0, 1.0, 1.0, 1.0)), TOLD),
            {"model": "model", "data": "data.train"},
            seconds=41.3,
            **reused,
        ),
        stage(
            "prune",
            "prune.channels",
            {"amount": 0.5, "round_to": 8, "importance": "l2", "layers": ["*"]},
            (planned(pruned), pruned),
            metrics(189_210, pruned, 0.2333, (611.0, 1.481, 1.431, 1.534)),
            {"model": "trained"},
            reason="run: params changed: amount 0.4 → 0.5",
            effects=("224 of 448 prunable channels leave (50 %), in 7 coupled groups",),
        ),
        stage(
            "retrain",
            "train.fit",
            {**fit, "precision": "bf16-mixed"},
            (planned(pruned), pruned),
            metrics(189_210, pruned, 0.9907, (608.0, 1.488, 1.441, 1.538)),
            {"model": "prune", "data": "data.train"},
            seconds=38.9,
            estimate=estimate(36.0, 40.1, 44.6, "measured", runs=2),
            notes=("best epoch 11 of 12 on 'validation', loss 0.031",),
        ),
        stage(
            "int8",
            "quantize.static",
            {"target": "cpu", "calibration": {"data": "train", "samples": 256}},
            (int8, int8),
            metrics(98_112, int8, 0.9907, None),
            {"model": "retrain", "calibration.data": "data.train"},
            seconds=6.2,
            estimate=estimate(0.2, 1.7, 5.1, "guess"),
            effects=("13 convolutions, 1 linear layer and 6 additions become int8",),
        ),
        stage(
            "onnx",
            "onnx.export",
            {"opset": 20, "dynamic_batch": True},
            (small, small),
            metrics(64_310, small, 0.9889, (311.0, 2.91, 2.801, 3.021)),
            {"model": "int8"},
            seconds=4.7,
            notes=("largest difference to torch on 64 samples: 4.8e-4",),
        ),
        stage(
            "onnx-fp32",
            "onnx.export",
            {"opset": 20, "dynamic_batch": True},
            (large, large),
            metrics(223_871, large, 0.9926, (896.0, 1.01, 0.987, 1.033)),
            {"model": "trained"},
            seconds=3.9,
        ),
        stage(
            "int8-trt",
            "quantize.static",
            {"target": "tensorrt", "calibration": {"data": "train", "samples": 256}},
            (int8_trt, int8_trt),
            metrics(98_112, int8_trt, 0.9907, None),
            {"model": "retrain", "calibration.data": "data.train"},
            seconds=6.0,
        ),
        stage(
            "onnx-trt",
            "onnx.export",
            {"opset": 20, "dynamic_batch": True},
            (symmetric, symmetric),
            metrics(63_954, symmetric, 0.9907, (1420.0, 0.637, 0.613, 0.662)),
            {"model": "int8-trt"},
        ),
        stage(
            "engine",
            "tensorrt.build",
            {"runtime": "tensorrt-rtx", "compute_capabilities": ["8.0", "8.9"]},
            (planned_engine, engine),
            (size,),
            {"model": "onnx-trt"},
            seconds=1.4,
        ),
    ]
