"""The layer table of a live torch module, and the facts that go with it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Literal

from torch import Tensor as TorchTensor
from torch import nn

from recipec.api.artifacts import Precision, TensorSpec, TorchModule
from recipec.api.blocks import shares_tensors, without_blocks
from recipec.api.edits import RemoveLayer
from recipec.api.errors import OperatorError
from recipec.api.layers import Layer, LayerTable, ResidualBlock, Tensor
from recipec.api.quantization import precision_of
from recipec.api.torch._axes import carried, with_groups
from recipec.api.torch._dynamic import DYNAMIC_LAYERS, dynamic_quantization
from recipec.api.torch._edits import apply_edits
from recipec.api.torch._groups import coupled_channels
from recipec.api.torch._inputs import dtype_name
from recipec.api.torch._residual import removable, residual_blocks
from recipec.api.torch._trace import Trace, skeleton, trace
from recipec.api.unknown import UNKNOWN, Unknown

Role = Literal["parameter", "buffer", "quantization"]


def layer_table(
    module: nn.Module, inputs: Sequence[TensorSpec], groups: LayerTable | Unknown | None = None
) -> LayerTable:
    """Give one row for each module that owns tensors, in the order of their first call.

    Those that aren't called come last. Zeros are counted on real weights and UNKNOWN on the meta
    device. A tensor with several owners (tied weights) stands in the row of the first that
    multiplies by it, which has the positions of all. Multiply-adds are those of convolutions and
    linear layers; products of two activations (attention) and recurrent layers aren't counted.

    Channel groups are found anew; or taken from the table `groups`, of a module with the same
    tensors (before training, or `resized` before pruning), where every shape confirms them; or left
    UNKNOWN, as they are in that table. Residual blocks go the same ways; they are UNKNOWN where
    they can't be looked for (`residual_blocks` says why). Raises OperatorError when
    the module doesn't run on these inputs.
    """
    return _table(module, inputs, trace(module, inputs), groups)


def module_facts(
    module: nn.Module, inputs: Sequence[TensorSpec], groups: LayerTable | Unknown | None = None
) -> TorchModule:
    """Read the facts of a live module back: layers, inputs and outputs, precision.

    `groups` and the errors raised are those of `layer_table`.
    """
    seen = trace(module, inputs)
    table = _table(module, inputs, seen, groups)
    scheme = dynamic_quantization(module)
    return TorchModule(
        inputs=tuple(inputs),
        outputs=seen.outputs,
        layers=table,
        precision=precision_of(table) if scheme else _precision(module),
        quantization=scheme,
    )


def _table(
    module: nn.Module,
    inputs: Sequence[TensorSpec],
    seen: Trace,
    groups: LayerTable | Unknown | None,
) -> LayerTable:
    table = LayerTable(layers=_rows(module, seen))
    if isinstance(groups, Unknown):
        return table
    if groups is not None and (confirmed := carried(table, groups)) is not None:
        return confirmed
    grouped = with_groups(table, coupled_channels(module, inputs))
    try:
        blocks = _blocks(module, inputs, table)
    except OperatorError:  # `residual_blocks` says it to who needs them; others don't
        return grouped
    return grouped.model_copy(update={"blocks": blocks})


def _blocks(
    module: nn.Module, inputs: Sequence[TensorSpec], table: LayerTable
) -> tuple[ResidualBlock, ...]:
    """Find the residual blocks whose removal leaves all other rows as they are.

    One that shares a tensor with a layer outside of it isn't among them: its row would move.
    """
    found = [
        block for block in residual_blocks(module, inputs) if not shares_tensors(table, block.name)
    ]
    if not found:
        return ()
    basis = skeleton(module)
    try:
        outputs = trace(basis, inputs).outputs
    except OperatorError:  # it runs with values only
        basis = module
        outputs = trace(basis, inputs).outputs
    known = table.without_zeros()

    def works_without(names: Sequence[str]) -> bool:
        less = copy.deepcopy(basis)
        try:
            apply_edits(less, [RemoveLayer(layer=name) for name in names])
            seen = trace(less, inputs)
        except OperatorError:
            return False
        made = LayerTable(layers=_rows(less, seen)).without_zeros()
        return seen.outputs == outputs and made.layers == without_blocks(known, names).layers

    return removable(found, works_without)


def _rows(module: nn.Module, seen: Trace) -> tuple[Layer, ...]:
    modules = dict(module.named_modules())
    order = dict.fromkeys((*seen.order, *modules))
    owners: dict[int, str] = {}
    others: dict[int, list[str]] = {}
    positions = dict(seen.positions)
    for name in sorted(order, key=lambda n: n not in seen.positions):  # those that multiply first
        for tensor in _own(modules[name]).values():
            owner = owners.setdefault(id(tensor), name)
            if owner != name:
                others.setdefault(id(tensor), []).append(name)
            if owner != name and tensor is getattr(modules[name], "weight", None):
                positions[owner] = positions.get(owner, 0) + positions.pop(name, 0)
    layers = []
    for name in order:
        tensors = [
            _row(key, tensor, others.get(id(tensor), ()), _role(modules[name], key, tensor))
            for key, tensor in _own(modules[name]).items()
            if owners[id(tensor)] == name
        ]
        if tensors:
            layers.append(
                Layer(
                    name=name,
                    type=type(modules[name]).__name__,
                    tensors=tuple(tensors),
                    positions=positions.get(name, 0),
                    folds_into=seen.folds.get(name),
                )
            )
    return tuple(layers)


def _own(module: nn.Module) -> dict[str, TorchTensor]:
    tensors = {**module._parameters, **module._buffers}
    return {name: tensor for name, tensor in tensors.items() if tensor is not None}


def _role(module: nn.Module, name: str, tensor: TorchTensor) -> Role:
    if isinstance(tensor, nn.Parameter):
        return "parameter"
    scale = isinstance(module, DYNAMIC_LAYERS) and name.endswith("_scale")
    return "quantization" if scale else "buffer"


def _row(name: str, tensor: TorchTensor, others: Sequence[str], role: Role) -> Tensor:
    zeros: int | Unknown = UNKNOWN
    if not tensor.is_meta and role != "quantization":
        zeros = tensor.numel() - int(tensor.count_nonzero())
    return Tensor(
        name=name,
        shape=tuple(tensor.shape),
        dtype=dtype_name(tensor.dtype),
        role=role,
        zeros=zeros,
        shared_with=tuple(dict.fromkeys(others)),
    )


def _precision(module: nn.Module) -> Precision:
    short: dict[str, Precision] = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
    found = {dtype_name(p.dtype) for p in module.parameters() if p.is_floating_point()}
    if not found:
        return "fp32"
    return short.get(found.pop(), "mixed") if len(found) == 1 else "mixed"
