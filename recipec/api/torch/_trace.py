"""One forward pass of a module, watched: which layers ran, how often, and who fed whom.

The pass runs on the meta device where the module can (milliseconds, no memory), else for real.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_flatten_with_path, tree_leaves

from recipec.api.artifacts import TensorSpec
from recipec.api.errors import OperatorError
from recipec.api.torch._dynamic import DynamicLinear
from recipec.api.torch._inputs import BATCH, dtype_name, example_inputs
from recipec.api.torch._meta import QuickMeta

_TRACE_BATCH = 3  # odd, so that a first dimension of this length is the batch and nothing else
_Convolution = nn.modules.conv._ConvNd
_Transposed = nn.modules.conv._ConvTransposeNd
_BatchNorm = nn.modules.batchnorm._BatchNorm


@dataclass
class Trace:
    """What one forward pass showed. Layers are named as in the module.

    `order` has every module that ran, by first call; `positions` says how often a layer's weight is
    applied to one sample; `folds` maps a batch normalization to the layer that alone feeds it.
    """

    order: list[str] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    folds: dict[str, str] = field(default_factory=dict)
    outputs: tuple[TensorSpec, ...] = ()


def skeleton(module: nn.Module) -> nn.Module:
    """Copy a module to the meta device: the same structure and shapes, no values, no memory."""
    memo: dict[int, Any] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        empty: Tensor = torch.empty_like(tensor, device="meta")
        if isinstance(tensor, nn.Parameter):
            empty = nn.Parameter(empty, requires_grad=tensor.requires_grad)
        memo[id(tensor)] = empty
    return copy.deepcopy(module, memo).eval()


def trace(module: nn.Module, inputs: Sequence[TensorSpec]) -> Trace:
    """Run a module once in eval mode and say what happened.

    Raises OperatorError when its forward pass fails on inputs of these shapes.
    """
    try:
        return _traced(skeleton(module), inputs, "meta")
    except Exception as problem:  # what fails on meta (data-dependent code) may work for real
        if any(tensor.is_meta for tensor in (*module.parameters(), *module.buffers())):
            raise _does_not_run(problem, inputs) from problem
    try:
        with _evaluating(module):
            return _traced(module, inputs, "cpu")
    except Exception as problem:  # a module's forward pass is user code and may raise anything
        raise _does_not_run(problem, inputs) from problem


def _does_not_run(problem: Exception, inputs: Sequence[TensorSpec]) -> OperatorError:
    first = next((spec for spec in inputs if BATCH not in spec.shape), None)
    return OperatorError(
        f"the module doesn't run on its inputs: {type(problem).__name__}: {problem}",
        hint=None
        if first is None
        else f"is the batch missing? As a dimension it is called {BATCH}: "
        f"{first.name}: [{', '.join(map(str, (BATCH, *first.shape)))}]",
    )


class _Consumers(QuickMeta):  # type: ignore[no-untyped-call]
    """Counts, for the tensors it was asked to keep, the operations that read them."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: dict[int, int] = {}
        self._kept: list[Tensor] = []  # ids stay unique only while the tensors live

    def keep(self, tensor: Tensor) -> None:
        self.uses.setdefault(id(tensor), 0)
        self._kept.append(tensor)

    def seen(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        for value in tree_leaves((args, kwargs)):
            if id(value) in self.uses:
                self.uses[id(value)] += 1


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    modes = {name: child.training for name, child in module.named_modules()}
    module.eval()
    try:
        yield
    finally:
        for name, child in module.named_modules():
            child.training = modes[name]


def _traced(module: nn.Module, inputs: Sequence[TensorSpec], device: str) -> Trace:
    found = Trace()
    watched = _Consumers()
    names = {child: name for name, child in module.named_modules()}
    batch = _TRACE_BATCH if any(BATCH in spec.shape for spec in inputs) else 1
    fed_by: dict[int, str] = {}  # id of a tensor → the layer that made it
    runs: dict[str, int] = {}
    norms: dict[str, tuple[str, int]] = {}  # batch norm → (its feeder, id of the tensor between)
    handles = []

    def before(child: nn.Module, arguments: tuple[Any, ...]) -> None:
        name = names[child]
        if name not in runs:
            found.order.append(name)
        runs[name] = runs.get(name, 0) + 1
        if isinstance(child, _BatchNorm) and arguments:
            feeder = fed_by.get(id(arguments[0]))
            if feeder is not None:
                norms[name] = (feeder, id(arguments[0]))

    def after(child: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        if not isinstance(output, Tensor):
            return
        name = names[child]
        if isinstance(child, _Convolution | nn.Linear | DynamicLinear):
            applied = arguments[0] if isinstance(child, _Transposed) else output
            width = child.weight.shape[0]  # entries of the channel axis of `applied`
            found.positions[name] = found.positions.get(name, 0) + applied.numel() // (
                width * batch
            )
            fed_by[id(output)] = name
            watched.keep(output)

    for child in names:
        handles.append(child.register_forward_pre_hook(before))
        handles.append(child.register_forward_hook(after))
    try:
        with torch.no_grad(), watched:
            output = module(*example_inputs(inputs, batch=batch, device=device))
    finally:
        for handle in handles:
            handle.remove()
    returned = {id(leaf) for leaf in tree_leaves(output)}
    for norm, (feeder, between) in norms.items():
        alone = watched.uses[between] == 1 and between not in returned
        if alone and runs[norm] == 1 and runs[feeder] == 1:
            found.folds[norm] = feeder
    found.outputs = output_specs(output, batch)
    return found


def output_specs(output: Any, batch: int) -> tuple[TensorSpec, ...]:
    """Describe what a module returned: "output", or its place (`output.0`, `output.logits`)."""
    found = []
    for path, value in tree_flatten_with_path(output)[0]:
        if isinstance(value, Tensor):
            steps = [str(getattr(s, "key", getattr(s, "idx", getattr(s, "name", s)))) for s in path]
            shape: list[int | str] = list(value.shape)
            if shape and batch > 1 and shape[0] == batch:
                shape[0] = BATCH
            found.append(
                TensorSpec(
                    name=".".join(["output", *steps]),
                    shape=tuple(shape),
                    dtype=dtype_name(value.dtype),
                )
            )
    return tuple(found)
