"""ONNX models, run by onnxruntime on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import onnxruntime as ort

from recipec.api.artifacts import Artifact
from recipec.api.errors import OperatorError
from recipec.api.sessions._session import Array, input_specs

_ERRORS_ONLY: Final = 3


class OnnxSession:
    """One inference session with its own thread pool."""

    def __init__(self, artifact: Artifact[Any], threads: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        self._names = [spec.name for spec in input_specs(artifact)]
        try:
            self._session = ort.InferenceSession(
                str(artifact.path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as problem:  # its exceptions have no common class of their own
            said = str(problem).replace(str(artifact.path), artifact.path.name)
            raise OperatorError(f"onnxruntime can't load the model: {said}") from problem

    def active(self) -> AbstractContextManager[None]:
        return nullcontext()

    def feed(self, arrays: Sequence[Array]) -> dict[str, Array]:
        return dict(zip(self._names, arrays, strict=True))

    def run(self, feed: dict[str, Array]) -> list[Array]:
        outputs: list[Array] = self._session.run(None, feed)
        return outputs

    def fetch(self, result: list[Array]) -> Array:
        return result[0]
