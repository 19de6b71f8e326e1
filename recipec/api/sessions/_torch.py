"""Torch modules and exported programs, run by torch on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from recipec.api.artifacts import Artifact, TorchExported
from recipec.api.errors import OperatorError
from recipec.api.sessions._session import Array, input_specs
from recipec.api.torch import dtype_of, load_module


class TorchSession:
    """Called with positional tensors, in eval mode and inference mode."""

    def __init__(self, artifact: Artifact[Any], threads: int) -> None:
        self._specs = input_specs(artifact)
        self._threads = threads
        self._call: Callable[..., Any]
        if isinstance(artifact.facts, TorchExported):
            from recipec.api.torch import load_exported

            self._call = load_exported(artifact.path).module()
        else:
            self._call = load_module(artifact.path)

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
        return self._call(*feed)

    def fetch(self, result: Any) -> Array:
        while not isinstance(result, Tensor):
            if not isinstance(result, tuple | list | dict) or not result:
                raise OperatorError(f"the model returns {type(result).__name__}, not tensors")
            result = next(iter(result.values() if isinstance(result, dict) else result))
        array: Array = result.float().numpy() if result.is_floating_point() else result.numpy()
        return array
