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
        self._reference = _run(self.copy(), self.example)

    def copy(self) -> nn.Module:
        """Give a copy on the meta device to work on."""
        return skeleton(self.module)

    def without(self, edits: Sequence[KeepEntries]) -> str | None:
        """Say why the module can't do without the entries that leave, or None when it can."""
        edited = apply_edits(self.copy(), edits)
        entered: list[str] = []
        names = {child: name for name, child in edited.named_modules()}
        for child in names:
            child.register_forward_pre_hook(lambda module, _: entered.append(names[module]))
            child.register_forward_hook(lambda *_: (entered.pop(), None)[1])
        try:
            outputs, reshapes = _run(edited, self.example)
        except Exception as problem:  # any code of the module may raise anything
            first = str(problem).partition("\n")[0]
            return f"{entered[-1] or 'the module'} fails without one of its channels: {first}"
        if outputs != self._reference[0]:
            return "feeds the outputs"
        for before, after in zip_longest(self._reference[1], reshapes):
            if before is None or after is None or not _keeps_order(before, after):
                return f"the module reshapes its channels ({_arrow(before)} to {_arrow(after)})"
        return None


def _run(
    module: nn.Module, example: tuple[Tensor, ...]
) -> tuple[tuple[TensorSpec, ...], list[tuple[Sizes, Sizes]]]:
    with torch.no_grad(), _Reshapes() as watched:
        output = module(*example)
    return output_specs(output, _BATCH), watched.sizes


class _Reshapes(QuickMeta):  # type: ignore[no-untyped-call]
    """Notes the sizes before and after every reshape."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[tuple[Sizes, Sizes]] = []

    def seen(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any) -> None:
        if func.overloadpacket in _RESHAPING:
            self.sizes.append((tuple(args[0].shape), tuple(result.shape)))


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


def _arrow(reshape: tuple[Sizes, Sizes] | None) -> str:
    return "nothing" if reshape is None else f"{list(reshape[0])} → {list(reshape[1])}"
