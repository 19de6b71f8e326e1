"""The layer table: the intermediate representation that plans are made of.

One row for each layer, with its tensors' shapes, types and bytes and its multiply-adds. It is made
once from the source model, and from then on every operator's `plan()` maps table → table without a
framework. What is made is read back into the same form, and the two are compared row by row.
"""

from collections.abc import Mapping
from functools import cached_property
from math import prod
from operator import is_
from typing import Literal

from pydantic import field_validator

from recipec.api.frozen import Frozen, Memoizing
from recipec.api.unknown import UNKNOWN, Unknown

DTYPE_BITS: Mapping[str, int] = {
    "float64": 64,
    "float32": 32,
    "float16": 16,
    "bfloat16": 16,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "uint8": 8,
    "int4": 4,
    "uint4": 4,
    "bool": 8,
    "complex64": 64,
    "complex128": 128,
    "float8_e4m3fn": 8,
    "float8_e5m2": 8,
}
"""Bits of one element, by the dtype names that layer tables use."""


class ChannelShare(Frozen):
    """`repeat` entries of an axis for each channel of a group (49 after flattening 7×7 maps)."""

    group: int
    repeat: int = 1


class Axis(Frozen):
    """An axis whose length follows channel groups: the sum of channels × repeat over `shares`."""

    dim: int
    shares: tuple[ChannelShare, ...]


class Tensor(Frozen):
    """One tensor of a layer.

    `role` is what it is for: a trained `parameter`, a `buffer` (running statistics), or a
    `quantization` scale or zero point of another tensor. `zeros` counts its zero elements.
    `shared_with` names the other layers that own this very tensor (tied weights): what is done to
    it is done to them.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    role: Literal["parameter", "buffer", "quantization"] = "parameter"
    zeros: int | Unknown = UNKNOWN
    axes: tuple[Axis, ...] = ()
    shared_with: tuple[str, ...] = ()

    @field_validator("dtype")
    @classmethod
    def _known(cls, dtype: str) -> str:
        if dtype not in DTYPE_BITS:
            raise ValueError(f"no known size of an element of type {dtype!r}")
        return dtype

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        return (self.elements * DTYPE_BITS[self.dtype] + 7) // 8

    def without_zeros(self) -> "Tensor":
        """Give the tensor with its zeros UNKNOWN."""
        return self if self.zeros is UNKNOWN else self.model_copy(update={"zeros": UNKNOWN})


class Layer(Frozen):
    """One row: a module that owns tensors, named as in the model (`layer1.0.conv1`).

    `positions` is how many times the layer's weight is applied to one sample: the spatial positions
    of a convolution's output, the sequence length for a linear layer on a sequence, 0 for layers
    without multiply-adds (normalization). Multiply-adds of one sample = positions × elements of
    `weight`. `folds_into` names the convolution or linear layer whose output is this batch
    normalization's only input, so that inference can fold it away.
    """

    name: str
    type: str
    tensors: tuple[Tensor, ...]
    positions: int = 0
    folds_into: str | None = None

    def with_tensors(self, tensors: tuple[Tensor, ...]) -> "Layer":
        """Give the layer with these tensors; itself when they are the ones that it has."""
        return self if same(tensors, self.tensors) else self.model_copy(update={"tensors": tensors})

    @property
    def weight(self) -> Tensor | None:
        return next((t for t in self.tensors if t.name == "weight"), None)

    @property
    def parameters(self) -> int:
        return sum(t.elements for t in self.tensors if t.role == "parameter")

    @property
    def macs(self) -> int:
        return self.positions * self.weight.elements if self.weight else 0

    @property
    def bytes(self) -> int:
        return sum(t.bytes for t in self.tensors)


class ChannelGroup(Frozen):
    """Channels that can only leave together, through all layers that share them.

    `protected` says why no channel of it may leave (for example "feeds output 'logits'").
    """

    id: int
    channels: int
    protected: str | None = None


class ResidualBlock(Frozen):
    """A module whose output is its input and something added, so that the model works without it.

    Its layers are the rows that are named `NAME` or `NAME.…`.
    """

    name: str
    type: str


class LayerTable(Memoizing):
    """All layers in the order of the model's own traversal, and their coupled channels.

    `blocks` are the residual blocks, in the order in which they are called; one may be inside
    another.
    """

    layers: tuple[Layer, ...]
    groups: tuple[ChannelGroup, ...] | Unknown = UNKNOWN
    blocks: tuple[ResidualBlock, ...] | Unknown = UNKNOWN

    @cached_property
    def parameters(self) -> int:
        """Trained parameters, in elements."""
        return sum(layer.parameters for layer in self.layers)

    @cached_property
    def macs(self) -> int:
        """Multiply-adds of one sample."""
        return sum(layer.macs for layer in self.layers)

    @cached_property
    def bytes(self) -> int:
        """Bytes of all tensors: parameters, buffers, and the weights' scales and zero points."""
        return sum(layer.bytes for layer in self.layers)

    @cached_property
    def zeros(self) -> int | Unknown:
        """Zero elements among the parameters; UNKNOWN as long as one tensor's are."""
        total = 0
        for layer in self.layers:
            for tensor in layer.tensors:
                if tensor.role == "parameter":
                    if isinstance(tensor.zeros, Unknown):
                        return UNKNOWN
                    total += tensor.zeros
        return total

    def resized(self, channels: Mapping[int, int]) -> "LayerTable":
        """Give the table after channels have left: `channels` maps group id → channels that stay.

        Groups not named keep theirs. Zero counts become UNKNOWN where a shape changed.
        Raises ValueError on a table without channel groups, and on a group that it doesn't have.
        """
        if isinstance(self.groups, Unknown):
            raise ValueError("this layer table has no channel groups")
        before = {group.id: group.channels for group in self.groups}
        if unknown := sorted(set(channels) - set(before)):
            raise ValueError(f"no channel group {unknown[0]}")
        after = {**before, **channels}

        def resize(tensor: Tensor) -> Tensor:
            shape = list(tensor.shape)
            for axis in tensor.axes:
                shape[axis.dim] = sum(after[s.group] * s.repeat for s in axis.shares)
            if tuple(shape) == tensor.shape:
                return tensor
            return tensor.model_copy(update={"shape": tuple(shape), "zeros": UNKNOWN})

        return LayerTable(
            layers=tuple(
                layer.with_tensors(tuple(map(resize, layer.tensors))) for layer in self.layers
            ),
            groups=tuple(
                group.model_copy(update={"channels": after[group.id]})
                if group.id in channels
                else group
                for group in self.groups
            ),
            blocks=self.blocks,
        )

    def without_zeros(self) -> "LayerTable":
        """Give the table with every zero count UNKNOWN, as after training."""
        return self.with_layers(
            tuple(
                layer.with_tensors(tuple(tensor.without_zeros() for tensor in layer.tensors))
                for layer in self.layers
            )
        )

    def with_zeros(self, zeros: Mapping[str, int | Unknown]) -> "LayerTable":
        """Give the table with these zero counts, by full name of the tensors (`conv1.weight`)."""

        def counted(layer: Layer, tensor: Tensor) -> Tensor:
            name = f"{layer.name}.{tensor.name}" if layer.name else tensor.name
            if name not in zeros or zeros[name] == tensor.zeros:
                return tensor
            return tensor.model_copy(update={"zeros": zeros[name]})

        return self.with_layers(
            tuple(
                layer.with_tensors(tuple(counted(layer, tensor) for tensor in layer.tensors))
                for layer in self.layers
            )
        )

    def with_layers(self, layers: tuple[Layer, ...]) -> "LayerTable":
        """Give the table with these layers; itself when they are the ones that it has.

        Tables of thousands of stages share what a stage leaves as it was, down to the tensors.
        """
        return self if same(layers, self.layers) else self.model_copy(update={"layers": layers})


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Say whether two tuples hold the very same objects."""
    return len(one) == len(other) and all(map(is_, one, other))
