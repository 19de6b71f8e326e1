"""Residual blocks of a module: those whose output is their input and something of it added.

They are found by following a tensor through one pass, not by their types: on the way from a
module's input to its output there are only additions, activations and normalizations, and one
addition at least adds what the module computed from that input (He et al., "Deep Residual
Learning", CVPR 2016, eq. 1). The model works without such a block, and much as before (Veit et al.,
"Residual Networks Behave Like Ensembles of Relatively Shallow Networks", NeurIPS 2016,
arXiv:1605.06431).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from recipec.api.artifacts import TensorSpec
from recipec.api.errors import OperatorError
from recipec.api.layers import ResidualBlock
from recipec.api.torch._inputs import BATCH, example_inputs
from recipec.api.torch._meta import QuickMeta
from recipec.api.torch._trace import skeleton

_BATCH = 3
_aten = torch.ops.aten
_ADDITIONS = {_aten.add, _aten.add_}
_PASSING = {
    *(_aten.relu, _aten.relu_, _aten.hardtanh, _aten.hardtanh_, _aten.leaky_relu),
    *(_aten.leaky_relu_, _aten.gelu, _aten.silu, _aten.silu_, _aten.elu, _aten.elu_),
    *(_aten.hardswish, _aten.hardswish_, _aten.native_layer_norm, _aten.native_batch_norm),
    *(_aten._native_batch_norm_legit_no_training, _aten.native_group_norm),
    *(_aten.clone, _aten.detach, _aten.alias, _aten.view, _aten._unsafe_view, _aten._to_copy),
}
"""What may stand on the way besides additions; none of it changes what an entry is about."""


def residual_blocks(module: nn.Module, inputs: Sequence[TensorSpec]) -> tuple[ResidualBlock, ...]:
    """Find the residual blocks, in the order in which they are called; also those inside others.

    A block is called once in a pass, with its input first, and gives one tensor of that shape.
    Raises OperatorError where the pass fails, and says in which layer and why.
    """
    batch = _BATCH if any(BATCH in spec.shape for spec in inputs) else 1
    is_meta = any(tensor.is_meta for tensor in (*module.parameters(), *module.buffers()))
    watched = _Watched(skeleton(module))
    try:
        watched.run(inputs, batch, "meta")
    except Exception as problem:  # what fails on meta (data-dependent code) may work for real
        if is_meta:
            raise watched.failed(problem) from problem
        watched = _Watched(copy.deepcopy(module).eval())
        try:
            watched.run(inputs, batch, "cpu")
        except Exception as real:  # any code of the module may raise anything
            raise watched.failed(real) from real
    return tuple(_blocks(watched))


@contextmanager
def _step_by_step() -> Iterator[None]:
    """Let a transformer layer compute step by step, instead of in one operation."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


@dataclass
class _Operation:
    packet: Any
    operands: tuple[Any, ...]
    read: tuple[Tensor, ...]
    made: tuple[Tensor, ...]


@dataclass
class _Call:
    name: str
    first: Tensor
    start: int
    end: int = 0
    output: Any = None


class _Watched(QuickMeta):  # type: ignore[no-untyped-call]
    """One pass of a module, which it marks: all operations, and which calls they belong to.

    All tensors are kept, so that their identities stay unique.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.operations: list[_Operation] = []
        self.calls: dict[str, list[_Call | None]] = {}
        self._open: list[_Call | None] = []
        self._inside: list[str] = []
        for name, child in module.named_modules():
            child.register_forward_pre_hook(self._entering(name))
            child.register_forward_hook(self._leaving)

    def run(self, inputs: Sequence[TensorSpec], batch: int, device: str) -> None:
        """Run the module on such inputs. Raises what it raises."""
        with torch.no_grad(), _step_by_step(), self:
            self.module(*example_inputs(inputs, batch=batch, device=device))

    def failed(self, problem: Exception) -> OperatorError:
        """Say where and why a run failed."""
        where = self._inside[-1] if self._inside and self._inside[-1] else "the module"
        reason = str(problem).partition("\n")[0]
        return OperatorError(
            "residual blocks are found by following a tensor through the model, and that fails in "
            f"{where}: {type(problem).__name__}: {reason}"
        )

    def _entering(self, name: str) -> Callable[..., None]:
        def enter(child: nn.Module, arguments: tuple[Any, ...]) -> None:
            first = arguments[0] if arguments else None
            call = _Call(name, first, len(self.operations)) if isinstance(first, Tensor) else None
            self.calls.setdefault(name, []).append(call)
            self._open.append(call)
            self._inside.append(name)

        return enter

    def _leaving(self, child: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        self._inside.pop()
        if (call := self._open.pop()) is not None:
            call.end, call.output = len(self.operations), output

    def seen(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        read = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        made = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        self.operations.append(_Operation(func.overloadpacket, args[:2], tuple(read), tuple(made)))


def _blocks(watched: _Watched) -> Iterator[ResidualBlock]:
    added: dict[str, frozenset[int]] = {}
    for name, calls in watched.calls.items():
        call = calls[0]
        if name and len(calls) == 1 and call is not None and isinstance(call.output, Tensor):
            alike = call.output.shape == call.first.shape and call.output.dtype == call.first.dtype
            if alike and (found := _additions(call, watched.operations)):
                added[name] = found
    for name, found in added.items():
        inside = (of for other, of in added.items() if other.startswith(f"{name}."))
        if found - frozenset().union(*inside):  # not merely a sequence of blocks
            yield ResidualBlock(name=name, type=type(watched.module.get_submodule(name)).__name__)


def _additions(call: _Call, operations: Sequence[_Operation]) -> frozenset[int]:
    """Give the additions on the way from a call's input to its output, none if there is no way."""
    follows = {id(call.first)}
    """Tensors that were computed from the input."""
    ways: dict[int, frozenset[int]] = {id(call.first): frozenset()}
    """By tensor on a way, the additions that led there."""
    for number in range(call.start, call.end):
        operation = operations[number]
        made = [id(tensor) for tensor in operation.made]
        way = _way(operation, number, ways, follows)
        if any(id(tensor) in follows for tensor in operation.read):
            follows.update(made)
        if way is not None and operation.made[0].shape == call.first.shape:
            ways[made[0]] = way
        elif made and operation.packet.__name__.endswith("_"):
            ways.pop(made[0], None)  # overwritten by something else
    return ways.get(id(call.output), frozenset())


def _way(
    operation: _Operation, number: int, ways: dict[int, frozenset[int]], follows: set[int]
) -> frozenset[int] | None:
    """Give the additions on the way to what an operation makes, None where it leaves the way."""
    on = [ways.get(id(operand)) for operand in operation.operands]
    first = next((way for way in on if way is not None), None)
    if first is None:
        return None
    if operation.packet in _PASSING:
        return on[0]
    if operation.packet not in _ADDITIONS:
        return None
    if len(on) < 2 or not isinstance(operation.operands[1], Tensor):
        return first
    other = operation.operands[1 if on[0] is not None else 0]
    return first | {number} if id(other) in follows else first


def removable(
    blocks: Iterable[ResidualBlock], works_without: Callable[[Sequence[str]], bool]
) -> tuple[ResidualBlock, ...]:
    """Give the blocks without which the model works, each alone; `works_without` tries.

    Tried are all that are in no other, then all that are in others, and each one only where that
    fails.
    """
    found = list(blocks)
    outer = [b for b in found if not any(b.name.startswith(f"{o.name}.") for o in found)]
    good: set[str] = set()
    for level in (outer, [block for block in found if block not in outer]):
        names = [block.name for block in level]
        apart = [n for n in names if not any(n.startswith(f"{other}.") for other in names)]
        if names and apart == names and works_without(names):
            good.update(names)
        else:
            good.update(name for name in names if works_without([name]))
    return tuple(block for block in found if block.name in good)
