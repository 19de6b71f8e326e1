"""Packed models, run by torch on the CPU: weights are unpacked once, when a model is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from recipec.api import Artifact, OperatorError
from recipec.api.sessions import Array, input_specs
from recipec.api.torch import dtype_of
from recipec_clustering._unpack import load_packed


class CodebookSession:
    """A module in evaluation mode, as fast as the dense one: torch has no kernels for codebooks."""

    def __init__(self, artifact: Artifact[Any], threads: int) -> None:
        self._specs, self._threads = input_specs(artifact), threads
        self._module = load_packed(artifact.path)

    @contextmanager
    def active(self) -> Iterator[None]:
        before = torch.get_num_threads()
        try:
            torch.set_num_threads(self._threads)
            with torch.inference_mode():
                yield
        finally:
            torch.set_num_threads(before)

    def feed(self, arrays: Sequence[Array]) -> tuple[Tensor, ...]:
        return tuple(
            torch.tensor(array, dtype=dtype_of(spec.dtype))
            for array, spec in zip(arrays, self._specs, strict=True)
        )

    def run(self, feed: tuple[Tensor, ...]) -> Any:
        return self._module(*feed)

    def fetch(self, result: Any) -> Array:
        if not isinstance(result, Tensor):
            raise OperatorError(f"the model returns {type(result).__name__}, not a tensor")
        array: Array = result.float().numpy()
        return array
