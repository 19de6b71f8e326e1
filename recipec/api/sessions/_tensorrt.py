"""TensorRT engines, run on the GPU. Needs CUDA: the plan blocks engines where there is none."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import torch
from torch import Tensor

from recipec.api.artifacts import Artifact
from recipec.api.errors import OperatorError
from recipec.api.sessions._session import Array, input_specs

_DTYPES: Final[Mapping[str, torch.dtype]] = {
    "FLOAT": torch.float32,
    "HALF": torch.float16,
    "BF16": torch.bfloat16,
    "INT8": torch.int8,
    "UINT8": torch.uint8,
    "INT32": torch.int32,
    "INT64": torch.int64,
    "BOOL": torch.bool,
}
"""Torch's names for TensorRT's element types."""


@dataclass(frozen=True, slots=True, eq=False)
class Buffers:
    """Inputs and outputs on the GPU, by tensor name; the first output is `outputs[0]`."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


class EngineSession:
    """An execution context with its own stream; torch's CUDA tensors are its buffers.

    Copies to and from the GPU happen in `feed` and `fetch`, so they aren't timed; `run` returns
    when the stream is done.
    """

    def __init__(self, artifact: Artifact[Any], threads: int) -> None:
        if not torch.cuda.is_available():
            raise OperatorError("running an engine needs cuda, and torch finds no GPU")
        self._trt = _library(artifact.facts.runtime)
        logger = self._trt.Logger(self._trt.Logger.ERROR)
        # Kept: an engine must not outlive the runtime that it came from.
        self._runtime = self._trt.Runtime(logger)
        self._engine = self._runtime.deserialize_cuda_engine(artifact.path.read_bytes())
        if self._engine is None:
            major, minor = torch.cuda.get_device_capability()
            raise OperatorError(
                "the engine can't be loaded here: it is damaged, of another TensorRT version, or "
                f"built for other GPUs than this one (compute capability {major}.{minor})"
            )
        self._context = self._engine.create_execution_context()
        self._stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        self._bound: Buffers | None = None
        self._names = [spec.name for spec in input_specs(artifact)]
        tensors = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        self._outputs = [
            name
            for name in tensors
            if self._engine.get_tensor_mode(name) == self._trt.TensorIOMode.OUTPUT
        ]

    def active(self) -> AbstractContextManager[None]:
        return nullcontext()

    def feed(self, arrays: Sequence[Array]) -> Buffers:
        inputs = {
            name: torch.tensor(array, dtype=self._dtype(name), device="cuda")
            for name, array in zip(self._names, arrays, strict=True)
        }
        self._set_shapes(inputs)
        outputs = {
            name: torch.empty(
                tuple(self._context.get_tensor_shape(name)), dtype=self._dtype(name), device="cuda"
            )
            for name in self._outputs
        }
        torch.cuda.synchronize()  # the copies went through torch's stream, not the engine's
        return Buffers(inputs, outputs)

    def run(self, feed: Buffers) -> Buffers:
        if self._bound is not feed:
            self._bind(feed)
        if not self._context.execute_async_v3(self._stream.cuda_stream):
            raise OperatorError("TensorRT could not run the engine")
        self._stream.synchronize()
        return feed

    def fetch(self, result: Buffers) -> Array:
        first = result.outputs[self._outputs[0]]
        array: Array = (first.float() if first.is_floating_point() else first).cpu().numpy()
        return array

    def _bind(self, feed: Buffers) -> None:
        self._set_shapes(feed.inputs)
        for name, tensor in {**feed.inputs, **feed.outputs}.items():
            self._context.set_tensor_address(name, tensor.data_ptr())
        self._bound = feed

    def _set_shapes(self, inputs: Mapping[str, Tensor]) -> None:
        self._bound = None
        for name, tensor in inputs.items():
            if not self._context.set_input_shape(name, tuple(tensor.shape)):
                raise OperatorError(
                    f"the engine takes no input {name!r} of shape {list(tensor.shape)}",
                    hint="its optimization profile sets the range: see tensorrt.build's `batch`",
                )

    def _dtype(self, name: str) -> torch.dtype:
        return _DTYPES[self._engine.get_tensor_dtype(name).name]


def _library(runtime: str) -> ModuleType:
    module = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}[runtime]
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        raise OperatorError(f"{runtime} can't be imported: {problem}") from problem
