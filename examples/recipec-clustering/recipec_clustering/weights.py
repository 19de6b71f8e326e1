"""Which weight tensors are clustered, chosen from the layer table by selectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil, log2
from typing import Final, NamedTuple

from recipec.api import Layer, LayerTable, OperatorError, Requirement, Tensor
from recipec.api.selectors import choose, select

INSTALL: Final = 'pip install "recipec[torch]"'
TORCH: Final = (
    Requirement("python:torch>=2.9", INSTALL),
    Requirement("python:torch-pruning>=1.6", INSTALL),
    Requirement("python:safetensors>=0.4", INSTALL),
)
"""What loading and saving a torch module needs."""

MOST: Final = 256
"""Clusters of one tensor: an index has 8 bits at most."""
_FLOATS: Final = ("float32", "float64", "float16", "bfloat16")
_NAMED: Final = 4


class Weight(NamedTuple):
    """A weight tensor and its layer."""

    layer: Layer
    tensor: Tensor

    @property
    def name(self) -> str:
        """Its full name in the module: `layer1.0.conv1.weight`."""
        return full_name(self.layer, self.tensor)


class Chosen(NamedTuple):
    """The weights that selectors chose, in the table's order, and what a plan says they matched."""

    weights: tuple[Weight, ...]
    matched: Mapping[str, tuple[str, ...]]

    @property
    def elements(self) -> int:
        return sum(weight.tensor.elements for weight in self.weights)

    def shared(self) -> Iterator[str]:
        """Say which weights other layers have too."""
        for weight in self.weights:
            if weight.tensor.shared_with:
                also = some(weight.tensor.shared_with)
                yield f"{weight.name} is shared with {also}: its values are there too"


def choose_weights(table: LayerTable, include: Sequence[str], exclude: Sequence[str]) -> Chosen:
    """Choose trained float tensors of two dimensions or more, but those of normalizations.

    Raises OperatorError at ("include", i) or ("exclude", i) where a selector matches no layer, at
    ("include", i) where one matches only layers without such a tensor, and when none is left.
    """
    selection = choose(table, include, exclude)
    weights = tuple(
        Weight(layer, tensor)
        for layer in selection.layers
        for tensor in layer.tensors
        if _clusterable(layer, tensor)
    )
    for number, selector in enumerate(include):
        layers = select(table, [selector])
        if not any(_clusterable(layer, tensor) for layer in layers for tensor in layer.tensors):
            raise OperatorError(
                f"{selector!r} selects {some([layer.name for layer in layers])}, which "
                "no weight matrix belongs to",
                at=("include", number),
                hint="biases and normalizations are too small to be clustered",
            )
    if not weights:
        raise OperatorError("there is no weight matrix to cluster")
    return Chosen(weights, selection.matched)


def full_name(layer: Layer, tensor: Tensor) -> str:
    """Give the name of a layer's tensor in the module; the module itself may be the layer."""
    return f"{layer.name}.{tensor.name}" if layer.name else tensor.name


def bits_for(values: int) -> int:
    """Give the bits of an index into so many values, at least 1."""
    return max(1, ceil(log2(values)))


def sorting(elements: int) -> int:
    """Give the comparisons that sorting takes, in the place of multiply-adds."""
    return elements * bits_for(max(elements, 2))


def some(names: Sequence[str]) -> str:
    """Name the first few of many."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _clusterable(layer: Layer, tensor: Tensor) -> bool:
    return (
        tensor.role == "parameter"
        and tensor.dtype in _FLOATS
        and len(tensor.shape) > 1
        and tensor.elements > 0
        and "Norm" not in layer.type
    )
