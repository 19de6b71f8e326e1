"""An ONNX model in onnxruntime on the CPU, with its refusals as OperatorErrors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from recipec.api.errors import OperatorError

Array = NDArray[Any]

FLOAT_ACTIVATIONS: Final = ("session.qdq_matmulnbits_accuracy_level", "1")
"""Left to itself, onnxruntime multiplies dequantized weights by activations that it rounds to int8,
so that what it gives says nothing about the file."""
_SILENT: Final = 4
"""Errors are raised; it needn't print them too."""
_TYPES: Final = {
    "tensor(bool)": np.bool_,
    "tensor(double)": np.float64,
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
}


class Session:
    """One inference session, with onnxruntime's default optimizations, that computes as stated.

    `model` is a path, or a serialized model whose tensors are all inside. One that isn't
    `optimized` computes node by node: two graphs are compared, and not what onnxruntime makes of
    them, which in a quantized model depends on shapes. Raises OperatorError when onnxruntime
    refuses it.
    """

    def __init__(self, model: Path | bytes, threads: int = 1, *, optimized: bool = True) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _SILENT
        options.add_session_config_entry(*FLOAT_ACTIVATIONS)
        if not optimized:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        source = model if isinstance(model, bytes) else str(model)
        try:
            self._session = onnxruntime.InferenceSession(
                source, options, providers=["CPUExecutionProvider"]
            )
        except Exception as problem:  # its exceptions have no common class of their own
            said = _first_line(problem, model)
            raise OperatorError(f"onnxruntime can't load the model: {said}") from problem
        self._model = model
        self._types = {value.name: value.type for value in self._session.get_inputs()}
        self.inputs = tuple(self._types)
        self.outputs = tuple(value.name for value in self._session.get_outputs())

    def run(self, arrays: Mapping[str, Array]) -> Sequence[Any]:
        """Give the outputs, in their order. Arrays are cast to the inputs' types."""
        given = {
            name: array.astype(_TYPES.get(self._types[name], array.dtype), copy=False)
            for name, array in arrays.items()
        }
        try:
            outputs: Sequence[Any] = self._session.run(None, given)
        except Exception as problem:  # as above
            said = _first_line(problem, self._model)
            raise OperatorError(f"onnxruntime can't run the model: {said}") from problem
        return outputs


def _first_line(problem: Exception, model: Path | bytes) -> str:
    said = str(problem).strip().partition("\n")[0]
    return said if isinstance(model, bytes) else said.replace(str(model), model.name)
