"""Which tensors of an exported graph are quantized, and how: one quantizer, a spec per target."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import torch
from torch.fx import GraphModule, Node

from recipec.api.torch import CONVOLUTIONS, LINEAR, WEIGHTED, layer_of, operand
from recipec_quantize._torchao import (
    PerChannelMinMaxObserver,
    QuantizationAnnotation,
    QuantizationSpec,
    Quantizer,
)

ADDITIONS = (torch.ops.aten.add.Tensor, torch.ops.aten.add_.Tensor)
_ANNOTATION = "quantization_annotation"

SOURCE = "recipec_source"
"""In a node's metadata: the layer that its value is from, where operations on it hide that."""


def weight_spec(bits: int, observer: Any = PerChannelMinMaxObserver) -> QuantizationSpec:
    """Give the scheme of weights: symmetric per channel, stored as int8 with 2^bits - 1 levels."""
    highest = 2 ** (bits - 1) - 1
    return QuantizationSpec(
        dtype=torch.int8,
        quant_min=-highest,
        quant_max=highest,
        qscheme=torch.per_channel_symmetric,
        ch_axis=0,
        observer_or_fake_quant_ctr=observer,
    )


def activation_spec(target: str, bits: int, observer: Any) -> QuantizationSpec:
    """Give the scheme of activations that a target's kernels want, with 2^bits levels."""
    if target == "cpu":
        return QuantizationSpec(
            dtype=torch.uint8,
            quant_min=0,
            quant_max=2**bits - 1,
            qscheme=torch.per_tensor_affine,
            observer_or_fake_quant_ctr=observer,
        )
    return QuantizationSpec(
        dtype=torch.int8,
        quant_min=-(2 ** (bits - 1)),
        quant_max=2 ** (bits - 1) - 1,
        qscheme=torch.per_tensor_symmetric,
        observer_or_fake_quant_ctr=observer,
    )


class LayerQuantizer(Quantizer):  # type: ignore[misc]
    """Quantizes input and weight of the chosen layers, and both operands of additions they feed.

    It annotates single nodes of the graph. torchao's `X86InductorQuantizer` matches patterns of
    modules and fails where one ReLU module is called twice, as in torchvision's ResNets.
    """

    def __init__(
        self, layers: Container[str], weights: QuantizationSpec, activations: QuantizationSpec
    ) -> None:
        super().__init__()
        self.layers = layers
        self.weights = weights
        self.activations = activations

    def annotate(self, model: GraphModule) -> GraphModule:
        for node in model.graph.nodes:
            if node.target in (*CONVOLUTIONS, *LINEAR) and layer_of(node) in self.layers:
                _annotate(
                    node, {operand(node, 0): self.activations, operand(node, 1): self.weights}
                )
            elif node.target in ADDITIONS and self._joins_quantized(node):
                operands = (operand(node, 0), operand(node, 1))
                _annotate(node, dict.fromkeys(operands, self.activations))
        return model

    def _joins_quantized(self, node: Node) -> bool:
        """Say whether an addition is of two float activations, one of them from quantized layers.

        Additions among layers that stay float stay float too; so do those of a parameter.
        """
        operands = node.args[:2]
        return all(isinstance(one, Node) and _is_activation(one) for one in operands) and any(
            _ANNOTATION in _source(one).meta for one in operands if isinstance(one, Node)
        )

    def validate(self, model: GraphModule) -> None:
        """Nothing to check: `annotate` looks at every node by itself."""


def _annotate(node: Node, inputs: dict[Node, QuantizationSpec]) -> None:
    node.meta[_ANNOTATION] = QuantizationAnnotation(input_qspec_map=inputs, _annotated=True)


def _is_activation(node: Node) -> bool:
    value = node.meta.get("val")
    return (
        node.op != "get_attr" and isinstance(value, torch.Tensor) and value.dtype is torch.float32
    )


def _source(node: Node) -> Node:
    """Go up through activations, pooling and the like to a layer, an addition or the input."""
    while node.op == "call_function" and node.target not in (*WEIGHTED, *ADDITIONS):
        if SOURCE in node.meta:
            node = node.meta[SOURCE]
            continue
        tensors = [one for one in node.args if isinstance(one, Node)]
        if len(tensors) != 1:
            break
        node = tensors[0]
    return node
