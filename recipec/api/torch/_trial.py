"""Try an edit of a module's structure: does what is left still work, and work the same way?

Shapes alone don't tell: where channels are shuffled (a reshape to groups × channels, as in
ShuffleNet) a pruned module may run and yet mix up its channels. So the reshapes of both passes are
compared as well: a channel is a contiguous run of entries only where it is the outermost factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import torch
from torch import Tensor, nn

from recipec.api.artifacts import TensorSpec
from recipec.api.edits import KeepEntries
from recipec.api.torch._edits import apply_edits
from recipec.api.torch._inputs import example_inputs
from recipec.api.torch._meta import QuickMeta
from recipec.api.torch._trace import output_specs, skeleton, trace

_BATCH = 3
Sizes = tuple[int, ...]


class Trial:
    """A module, and how it behaves as it is. Raises OperatorError when it doesn't run."""

    def __init__(self, module: nn.Module, inputs: Sequence[TensorSpec]) -> None:
        self.module = module
        self.order = trace(module, inputs).order
        self.example = example_inputs(inputs, batch=_BATCH, device="meta")
        self._reference = _Run(self.copy())
        self._outputs = self._reference(self.example)

    def copy(self) -> nn.Module:
        """Give a copy on the meta device to work on."""
        return skeleton(self.module)

    def without(self, edits: Sequence[KeepEntries]) -> str | None:
        """Say why the module can't do without the entries that leave, or None when it can.

        The reason holds no sizes: it must be the same for a model that was pruned before.
        """
        run = _Run(apply_edits(self.copy(), edits))
        try:
            outputs = run(self.example)
        except Exception as problem:  # any code of the module may raise anything
            return f"{run.inside} fails without one of its channels ({type(problem).__name__})"
        if outputs != self._outputs:
            return "feeds the outputs"
        for before, after in zip_longest(self._reference.reshapes, run.reshapes):
            if before is None or after is None:
                return "the module runs differently without one of its channels"
            if not _keeps_order(before[1:], after[1:]):
                return f"{before[0]} reshapes its channels, which mixes them up when some are gone"
        return None


class _Run(QuickMeta):  # type: ignore[no-untyped-call]
    """One pass of a module, which it marks: the sizes before and after each reshape, and where."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.reshapes: list[tuple[str, Sizes, Sizes]] = []
        self._entered: list[str] = []
        for name, child in module.named_modules():
            child.register_forward_pre_hook(lambda *_, name=name: self._entered.append(name))
            child.register_forward_hook(lambda *_: self._left())

    def __call__(self, example: tuple[Tensor, ...]) -> tuple[TensorSpec, ...]:
        """Run the module and describe its outputs. Raises what the module raises."""
        with torch.no_grad(), self:
            output = self.module(*example)
        return output_specs(output, _BATCH)

    @property
    def inside(self) -> str:
        """The innermost layer that is running."""
        return (self._entered and self._entered[-1]) or "the module"

    def _left(self) -> None:
        self._entered.pop()

    def seen(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if func.overloadpacket in _RESHAPING:
            self.reshapes.append((self.inside, tuple(args[0].shape), tuple(result.shape)))


_RESHAPING = {torch.ops.aten.view, torch.ops.aten._unsafe_view, torch.ops.aten._reshape_alias}


def _blocks(before: Sizes, after: Sizes) -> list[tuple[range, range]]:
    """Split a reshape into the smallest runs of dimensions with equal products."""
    found = []
    i = j = 0
    while i < len(before) and j < len(after):
        start, end = i, j
        left, right = before[i], after[j]
        i, j = i + 1, j + 1
        while left != right:
            if left < right:
                left, i = left * before[i], i + 1
            else:
                right, j = right * after[j], j + 1
        found.append((range(start, i), range(end, j)))
    return found


def _keeps_order(whole: tuple[Sizes, Sizes], less: tuple[Sizes, Sizes]) -> bool:
    """Whether entries that left a reshape's input are those that are missing from its output.

    `whole` and `less` are the sizes before and after the reshape, with all channels and without
    some. Where dimensions are merged or split, only the outermost one may have changed.
    """
    if whole == less:
        return True
    if [len(sizes) for sizes in whole] != [len(sizes) for sizes in less]:
        return False
    blocks = _blocks(*whole)
    if blocks != _blocks(*less):
        return False
    for ins, outs in blocks:
        if len(ins) == len(outs) == 1:
            continue
        for dims, sizes, fewer in ((ins, whole[0], less[0]), (outs, whole[1], less[1])):
            real = [dim for dim in dims if sizes[dim] > 1]
            if any(sizes[dim] != fewer[dim] for dim in real[1:]):
                return False
    return True
