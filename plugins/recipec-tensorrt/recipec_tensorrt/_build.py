"""Builds an engine: one path through the API that `tensorrt_rtx` and `tensorrt` share."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from recipec.api import (
    UNKNOWN,
    Artifact,
    Metric,
    OnnxModel,
    OperatorError,
    RunContext,
    StageResult,
    TensorRTEngine,
)
from recipec.api.units import parse_bytes
from recipec_tensorrt._listing import inspected, list_layers
from recipec_tensorrt._log import Log, listening, readable, reason
from recipec_tensorrt._network import input_specs, output_specs, precision, quantization
from recipec_tensorrt._tables import dequantize_tables
from recipec_tensorrt.listing import EngineLayers
from recipec_tensorrt.params import BuildParams
from recipec_tensorrt.profile import profile_of
from recipec_tensorrt.runtimes import RUNTIMES, Runtime, plain_version

_MOST_ERRORS = 5
_MOST_NAMES = 12
_QUANTIZED_TABLES = (
    "leave tables of embeddings in float: `exclude: ['type:Embedding']` where the model is "
    "quantized"
)


def build(params: BuildParams, model: Artifact[OnnxModel], context: RunContext) -> StageResult:
    """Write the engine to `context.path_for("engine")`.

    Raises OperatorError with TensorRT's own reasons: for what its parser refuses, by ONNX node.
    """
    runtime = RUNTIMES[params.runtime]
    trt = load(runtime)
    with listening(trt) as (logger, log):
        context.progress(0, 2, "parsing")
        builder = _made(lambda: trt.Builder(logger), "start", log)
        builder.max_threads = context.threads
        strongly_typed = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)
        network = _made(lambda: builder.create_network(strongly_typed), "make a network", log)
        path, tables = dequantize_tables(model.path, context.scratch)
        parse(trt, network, logger, path, log)

        config = builder.create_builder_config()
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, parse_bytes(params.workspace))
        set_compute_capabilities(trt, config, params.built_for)
        set_profiles(builder, network, config, params, model.facts)
        if not runtime.ahead_of_time:  # its inspector can tell more, on the GPU that is here
            config.profiling_verbosity = trt.ProfilingVerbosity.DETAILED
        if params.sparse_weights:
            config.set_flag(trt.BuilderFlag.SPARSE_WEIGHTS)
        cache = context.scratch / "timing.cache"
        if params.timing_cache:
            known = cache.read_bytes() if cache.is_file() else b""
            config.set_timing_cache(config.create_timing_cache(known), ignore_mismatch=False)

        context.progress(1, 2, "building")
        engine = builder.build_serialized_network(network, config)
        if params.timing_cache:
            cache.write_bytes(config.get_timing_cache().serialize())
        if engine is None:
            raise _refused("build the engine", log)
        context.path_for("engine").write_bytes(engine)
        told = None if runtime.ahead_of_time else inspected(trt, logger, engine)
        listed = list_layers(network, told, context.path_for("layers"))
        context.progress(2, 2, "built")

        made = TensorRTEngine(
            inputs=input_specs(network, model.facts),
            outputs=output_specs(network, model.facts),
            precision=precision(network, model.facts),
            quantization=quantization(network, model.facts),
            runtime=runtime.name,
            runtime_version=plain_version(trt.__version__),
            compute_capabilities=compute_capabilities(config) or UNKNOWN,
        )
        return StageResult(
            {"engine": made, "layers": listed},
            tuple(metrics(listed)),
            (*spoken(listed, tables), *log.notes()),
        )


def metrics(listed: EngineLayers) -> Iterator[Metric]:
    """Give the number of layers, and of those that multiply matrices by what they do it in."""
    assert isinstance(listed.count, int)
    assert isinstance(listed.arithmetic, dict)
    yield Metric(name="network.layers", value=listed.count, unit="1")
    for name, count in listed.arithmetic.items():
        yield Metric(name=f"network.layers.{name}", value=count, unit="1")


def spoken(listed: EngineLayers, tables: int) -> Iterator[str]:
    """Say what the layers that multiply matrices compute in, and which tables were changed."""
    if tables:
        yield (
            f"int8 tables that are dequantized before rows are looked up, not after: {tables}; the "
            "same numbers, in the form that TensorRT takes"
        )
    assert isinstance(listed.arithmetic, dict)
    if listed.arithmetic:
        counts = ", ".join(f"{count} in {name}" for name, count in listed.arithmetic.items())
        yield f"layers that multiply matrices: {counts}"
    if isinstance(listed.in_float, tuple) and listed.in_float:
        names = listed.in_float
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"in float: {', '.join(names[:_MOST_NAMES])}{more}"


def load(runtime: Runtime) -> ModuleType:
    """Import a runtime. Raises OperatorError when that can't be done."""
    try:
        return importlib.import_module(runtime.module)
    except (ImportError, OSError) as problem:  # OSError: one of its shared libraries
        raise OperatorError(
            f"{runtime.name} can't be imported: {problem}", hint=runtime.requires[0].install
        ) from problem


def _made(make: Any, what: str, log: Log) -> Any:
    try:
        made = make()
    except (TypeError, RuntimeError) as problem:  # how pybind11 reports a constructor's failure
        raise _refused(what, log) from problem
    if made is None:
        raise _refused(what, log)
    return made


def _refused(what: str, log: Log) -> OperatorError:
    reasons = list(dict.fromkeys(map(readable, log.errors)))[:_MOST_ERRORS]
    text = "; ".join(reasons) or "it gives no reason"
    if "workspace" in text:
        return OperatorError(
            f"TensorRT can't {what}: {text}", at=("workspace",), hint="allow it more workspace"
        )
    hint = _QUANTIZED_TABLES if "Quantized constant" in text else None
    return OperatorError(f"TensorRT can't {what}: {text}", hint=hint)


def parse(trt: ModuleType, network: Any, logger: Any, path: Path, log: Log) -> None:
    """Parse the ONNX file into the network. Raises OperatorError that names the nodes refused."""
    parser = trt.OnnxParser(network, logger)
    # From the file, not from its bytes: weights may lie in files beside it.
    if parser.parse_from_file(str(path)):
        return
    errors = [parser.get_error(index) for index in range(parser.num_errors)]
    nodes = [error for error in errors if error.node() >= 0 and error.node_operator()]
    if not nodes:
        said = map(reason, [*log.errors, *(error.desc() for error in errors)])
        text = "; ".join(dict.fromkeys(said)) or "it gives no reason"
        text = text.replace(f"{path.parent}/", "")
        raise OperatorError(
            f"TensorRT can't read the model: {text}", hint="is it a whole ONNX file?"
        )
    refused = dict.fromkeys(
        f"node {error.node_name() or f'number {error.node()}'!r} ({error.node_operator()}): "
        f"{reason(error.desc())}"
        for error in nodes
    )
    shown = list(refused)[:_MOST_ERRORS]
    if len(refused) > len(shown):
        shown.append(f"and {len(refused) - len(shown)} more nodes")
    raise OperatorError(f"TensorRT refuses {'; '.join(shown)}", hint=_hint(shown[0]))


def _hint(refusal: str) -> str | None:
    if "zero point" in refusal or "(DequantizeLinear)" in refusal:
        return "quantize the model with `target: tensorrt`: symmetric int8, biases in float"
    if "Plugin not found" in refusal:
        return "TensorRT has no such operator: replace the node before this stage"
    return None


def set_compute_capabilities(trt: ModuleType, config: Any, wanted: tuple[str, ...]) -> None:
    """Tell TensorRT which GPUs to build for; with none, for the one here. Raises OperatorError."""
    if not wanted:
        return
    offered = {
        f"{digits[:-1]}.{digits[-1]}": value
        for name, value in trt.ComputeCapability.__members__.items()
        if (digits := name.removeprefix("SM")).isdigit()
    }
    config.num_compute_capabilities = len(wanted)
    for index, capability in enumerate(wanted):
        if capability not in offered or not config.set_compute_capability(
            offered[capability], index
        ):
            raise OperatorError(
                f"{trt.__name__} {trt.__version__} doesn't build for compute capability "
                f"{capability}",
                at=("compute_capabilities",),
                hint=f"it builds for {', '.join(offered)}",
            )


def compute_capabilities(config: Any) -> tuple[str, ...]:
    """Read back what an engine was built for; nothing where TensorRT took the GPU that is here."""
    if not hasattr(config, "num_compute_capabilities"):
        return ()
    names = [
        config.get_compute_capability(index).name
        for index in range(config.num_compute_capabilities)
    ]
    return tuple(re.sub(r"^SM(\d+)(\d)$", r"\1.\2", name) for name in names)


def set_profiles(
    builder: Any, network: Any, config: Any, params: BuildParams, source: OnnxModel
) -> None:
    """Give TensorRT the ranges of all free dimensions, a profile each. Raises OperatorError."""
    specs = input_specs(network, source)
    for index, spec in enumerate(specs):
        if network.get_input(index).is_shape_tensor:
            raise OperatorError(
                f"input {spec} is a shape: an engine would need a range of its values",
                hint="make the shape a constant of the model",
            )
    for ranges, at in params.placed_ranges():
        shapes = profile_of(specs, ranges, at)
        if not shapes:
            return
        profile = builder.create_optimization_profile()
        for name, sizes in shapes.items():
            profile.set_shape(name, sizes.min, sizes.opt, sizes.max)
        if config.add_optimization_profile(profile) < 0:
            told = "; ".join(f"{name}: {sizes}" for name, sizes in shapes.items())
            raise OperatorError(f"TensorRT refuses the ranges {told}", at=at or ("batch",))
