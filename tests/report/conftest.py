"""Run records as the seven steps make them: done, failed, and with a failed gate."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from recipec.api import (
    Comparison,
    DataSamples,
    Facts,
    Interval,
    Layer,
    LayerTable,
    Metric,
    OnnxModel,
    Quantization,
    Tensor,
    TensorRTEngine,
    TensorSpec,
    TorchExported,
    TorchModule,
)
from recipec.run.record import (
    DataRecord,
    Environment,
    GateRecord,
    OutputRecord,
    RunRecord,
    StageRecord,
    Unmeasured,
)

FULL, PRUNED = (16, 32, 64), (8, 16, 32)
INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 10)),)
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


def digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


def convolution(name: str, out: int, into: int, positions: int, form: str) -> list[Layer]:
    """A convolution and its batch normalization; one layer once they are folded."""
    int8, folded = form.startswith("int8"), form != "torch"
    kernel = (out, into, 3, 3)
    zeros = out * into * 9 // 200 if int8 else 0
    tensors = [
        Tensor(name="weight", shape=kernel, dtype="int8" if int8 else "float32", zeros=zeros)
    ]
    if folded:
        tensors.append(Tensor(name="bias", shape=(out,), dtype="float32", zeros=0))
    if int8:
        scale = Tensor(name="weight_scale", shape=(out,), dtype="float32", role="quantization")
        tensors.append(scale)
    kind = "Conv" if folded else "Conv2d"
    layers = [Layer(name=name, type=kind, tensors=tuple(tensors), positions=positions)]
    if not folded:
        norm = name.replace("conv", "bn")
        parameters = [
            Tensor(name=n, shape=(out,), dtype="float32", zeros=0) for n in ("weight", "bias")
        ]
        buffers = [
            Tensor(name=n, shape=(out,), dtype="float32", role="buffer")
            for n in ("running_mean", "running_var")
        ]
        both = (*parameters, *buffers)
        layers.append(Layer(name=norm, type="BatchNorm2d", tensors=both, folds_into=name))
    return layers


def resnet(widths: tuple[int, ...], form: str = "torch") -> LayerTable:
    """A ResNet-14 for 8×8 images: as a torch module, folded in fp32, or folded in int8."""
    layers = convolution("conv1", widths[0], 1, 64, form)
    into = widths[0]
    for stage, width in enumerate(widths, 1):
        positions = (8 // 2 ** (stage - 1)) ** 2
        for block in range(2):
            where = f"layer{stage}.{block}"
            layers += convolution(f"{where}.conv1", width, into, positions, form)
            layers += convolution(f"{where}.conv2", width, width, positions, form)
            into = width
    int8 = form.startswith("int8")
    weight = Tensor(name="weight", shape=(10, into), dtype="int8" if int8 else "float32", zeros=0)
    bias = Tensor(name="bias", shape=(10,), dtype="float32", zeros=0)
    kind = "Linear" if form == "torch" else "Gemm"
    layers.append(Layer(name="fc", type=kind, tensors=(weight, bias), positions=1))
    return LayerTable(layers=tuple(layers))


def torch_facts(widths: tuple[int, ...]) -> TorchModule:
    table = resnet(widths)
    return TorchModule(inputs=INPUTS, outputs=OUTPUTS, layers=table, precision="fp32")


def quantized(target: Any) -> Quantization:
    activations = "uint8 affine per tensor" if target == "cpu" else "int8 symmetric per tensor"
    return Quantization(
        target=target, weights="int8 symmetric per channel", activations=activations
    )


def onnx_facts(widths: tuple[int, ...], form: str, target: str | None) -> OnnxModel:
    nodes = {"Conv": 13, "Relu": 13, "Add": 6, "GlobalAveragePool": 1, "Gemm": 1}
    if target:
        nodes = {"QuantizeLinear": 33, "DequantizeLinear": 61, **nodes}
    return OnnxModel(
        inputs=INPUTS,
        outputs=OUTPUTS,
        layers=resnet(widths, form),
        precision="int8" if target else "fp32",
        quantization=quantized(target) if target else None,
        opset=20,
        operators=nodes,
    )


def metrics(
    disk: int, facts: Any, accuracy: float, latency: tuple[float, float, float, float] | None
) -> tuple[Metric, ...]:
    """What is measured on a model; `latency` is p50 in µs, its ratio to `trained`, and interval."""
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
                    count=100,
                    comparison=None if ends == [1.0, 1.0] else compared,
                )
            )
    return tuple(found)


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
    }
    return StageRecord(**{**fields, **more})


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
    reused = {"status": "reused", "reason": "reuse: same key"}
    size = Metric(name="size.disk", value=187_236, unit="bytes", better="lower")
    return [
        stage(
            "model",
            "torch.model",
            {"builder": "recipec_torch.zoo:resnet", "args": {"depth": 14}, "weights": None},
            (full, full),
            metrics(712_344, full, 0.1037, (903.0, 1.0, 0.97, 1.02)),
            **reused,
        ),
        stage(
            "trained",
            "train.fit",
            fit,
            (planned(full), full),
            metrics(712_344, full, 0.9926, (905.0, 1.0, 1.0, 1.0)),
            {"model": "model", "data": "data.train"},
            seconds=41.3,
            **reused,
        ),
        stage(
            "prune",
            "prune.channels",
            {"amount": 0.5, "round_to": 8, "importance": "l2", "layers": ["*"]},
            (planned(pruned), pruned),
            metrics(189_210, pruned, 0.2333, (611.0, 0.675, 0.652, 0.699)),
            {"model": "trained"},
            reason="run: params changed: amount 0.4 → 0.5",
            effects=("224 of 448 prunable channels leave (50 %), in 7 coupled groups",),
        ),
        stage(
            "retrain",
            "train.fit",
            {**fit, "precision": "bf16-mixed"},
            (planned(pruned), pruned),
            metrics(189_210, pruned, 0.9907, (608.0, 0.672, 0.65, 0.694)),
            {"model": "prune", "data": "data.train"},
            seconds=38.9,
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
            effects=("13 convolutions, 1 linear layer and 6 additions become int8",),
        ),
        stage(
            "onnx",
            "onnx.export",
            {"opset": 20, "dynamic_batch": True},
            (small, small),
            metrics(64_310, small, 0.9889, (311.0, 0.344, 0.331, 0.357)),
            {"model": "int8"},
            seconds=4.7,
            notes=("largest difference to torch on 64 samples: 4.8e-4",),
        ),
        stage(
            "onnx-fp32",
            "onnx.export",
            {"opset": 20, "dynamic_batch": True},
            (large, large),
            metrics(223_871, large, 0.9926, (896.0, 0.99, 0.968, 1.013)),
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
            metrics(63_954, symmetric, 0.9907, (1420.0, 1.569, 1.51, 1.631)),
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


def exported(target: Any) -> TorchExported:
    return TorchExported(
        inputs=INPUTS,
        outputs=OUTPUTS,
        layers=resnet(PRUNED, "int8"),
        precision="int8",
        quantization=quantized(target),
    )


def planned(facts: TorchModule) -> TorchModule:
    """What a plan knows of training: everything but the zeros."""
    assert isinstance(facts.layers, LayerTable)
    return facts.model_copy(update={"layers": facts.layers.without_zeros()})


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
        "measurements": [
            measurement("onnx.measure.accuracy", "measure.accuracy", {"subject": "onnx"}),
            measurement("measure.latency", "measure.latency", {s.id: s.id for s in stages[:9]}),
        ],
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


def measurement(id: str, operator: str, inputs: dict[str, str]) -> StageRecord:
    return StageRecord(
        id=id,
        operator=operator,
        version=1,
        plugin="measure",
        status="ran",
        reason="run: its inputs are new",
        params={"warmup": 10, "runs": 100, "batch": [1]},
        inputs=inputs,
        key=digest(f"key of {id}"),
        seconds=7.1,
        notes=("interleaved in 20 rounds, one thread",),
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


@pytest.fixture
def done() -> RunRecord:
    """Everything went well; the engine can't be measured here."""
    return record()


@pytest.fixture
def failed() -> RunRecord:
    """`int8` failed: what follows from it did not run, nothing is promised any more."""
    stages = seven_stages()
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


@pytest.fixture
def gate_failed() -> RunRecord:
    """All stages are done, but accuracy fell too far."""
    return record(status="gate failed", gates=[accuracy_gate("fail", 0.0241), size_gate()])
