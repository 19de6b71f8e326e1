"""Passes over meta tensors in milliseconds.

For some operations torch computes the shape of a meta tensor by a decomposition in Python, which
also imports its compiler (1.5 s of CPU time). The common ones are answered here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

_aten = torch.ops.aten


def _batch_norm(x: Tensor, *_: Any) -> tuple[Tensor, Tensor, Tensor]:
    return torch.empty_like(x), x.new_empty(0), x.new_empty(0)


def _layer_norm(
    x: Tensor, shape: list[int], weight: Tensor | None, bias: Tensor | None, *_: Any
) -> tuple[Tensor, Tensor, Tensor]:
    for sizes in (x.shape[-len(shape) :], *(t.shape for t in (weight, bias) if t is not None)):
        if list(sizes) != list(shape):
            raise RuntimeError(f"layer norm over {list(shape)} meets {list(sizes)}")
    return torch.empty_like(x), x.new_empty(0), x.new_empty(0)


_QUICK: dict[Any, Callable[..., Any]] = {
    _aten.native_batch_norm.default: _batch_norm,
    _aten.native_layer_norm.default: _layer_norm,
    _aten.hardtanh.default: lambda x, *_: torch.empty_like(x),
    _aten.hardtanh_.default: lambda x, *_: x,
    _aten.gelu.default: lambda x, **_: torch.empty_like(x),
}


class QuickMeta(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Runs operations, on meta tensors the quick way; `seen` is told of each one."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        quick = _QUICK.get(func)
        if quick is not None and args[0].is_meta:
            result = quick(*args, **(kwargs or {}))
        else:
            result = func(*args, **(kwargs or {}))
        self.seen(func, args, kwargs or {}, result)
        return result

    def seen(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        """Take note of an operation that was run."""
