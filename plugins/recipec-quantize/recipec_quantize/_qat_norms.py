"""Batch normalization while quantization is simulated.

Inference folds a batch normalization into the weight before it, so it is the folded weight that
must be rounded while training, although the normalization still learns its statistics. As in Jacob
et al. (CVPR 2018, arXiv:1712.05877, §3.2) and Krishnamoorthi (arXiv:1806.08342, §3.2.2), in torch's
form with one pass: with s = γ / √(σ² + ε) of the running variance σ²,

    y = norm(conv(x, rounded(w · s)) / s + b)

torchao's `prepare_qat_pt2e` writes the same for convolutions, but with ε = 1e-5 and a momentum of
0.1 whatever a model has (torchao 0.18), which MobileNet and EfficientNet don't.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch.fx import GraphModule, Node

from recipec.api.torch import CONVOLUTIONS, LINEAR, layer_of, operand
from recipec_quantize._quantizer import SOURCE

aten = torch.ops.aten
batch_norm = aten.batch_norm.default


class ScaledLayer(NamedTuple):
    """A layer whose weight is scaled by the normalization behind it."""

    product: Node
    norm: Node
    weight: Node
    bias: Node | None


def scale_weights(
    graph_module: GraphModule, norms: Mapping[str, str], chosen: frozenset[str]
) -> list[ScaledLayer]:
    """Scale the weights of chosen layers by the normalizations that are folded into them later.

    `norms` maps a normalization's name to its layer's, as `foldable_norms` gives it.
    """
    made = []
    for norm in list(graph_module.graph.nodes):
        if norm.target is not batch_norm or norms.get(layer_of(norm) or "") not in chosen:
            continue
        product = operand(norm, 0)
        if product.target not in (*CONVOLUTIONS, *LINEAR) or len(operand(product, 1).users) > 1:
            continue
        made.append(_scale(graph_module, product, norm))
    graph_module.recompile()
    return made


def _scale(graph_module: GraphModule, product: Node, norm: Node) -> ScaledLayer:
    weight = operand(product, 1)
    bias = product.args[2] if len(product.args) > 2 else None
    assert bias is None or isinstance(bias, Node)
    rank = int(weight.meta["val"].dim())
    graph = graph_module.graph
    gamma, variance = norm.args[1], operand(norm, 4)
    with graph.inserting_before(product):
        shifted = graph.call_function(aten.add.Scalar, (variance, norm.args[7]))
        deviation = graph.call_function(aten.sqrt.default, (shifted,))
        scale = (
            graph.call_function(aten.div.Tensor, (gamma, deviation))
            if isinstance(gamma, Node)
            else graph.call_function(aten.reciprocal.default, (deviation,))
        )
        rows = graph.call_function(aten.reshape.default, (scale, [-1] + [1] * (rank - 1)))
        scaled = graph.call_function(aten.mul.Tensor, (weight, rows))
    channels = [1, -1] + [1] * (rank - 2)
    with graph.inserting_before(norm):
        columns = graph.call_function(aten.reshape.default, (scale, channels))
        restored = graph.call_function(aten.div.Tensor, (product, columns))
        if bias is not None:
            added = graph.call_function(aten.reshape.default, (bias, channels))
            restored = graph.call_function(aten.add.Tensor, (restored, added))
    product.args = (product.args[0], scaled, None, *product.args[3:])
    norm.replace_input_with(product, restored)
    norm.meta[SOURCE] = product
    return ScaledLayer(product, norm, weight, bias)


def restore_weights(graph_module: GraphModule, layers: list[ScaledLayer]) -> None:
    """Undo `scale_weights` in a prepared graph: what rounds the scaled weight rounds the weight.

    The normalization is folded into the weight then, so the values that are rounded are the same.
    """
    nodes = {node.name: node for node in graph_module.graph.nodes}
    for layer in layers:
        product, norm = nodes[layer.product.name], nodes[layer.norm.name]
        weight = nodes[layer.weight.name]
        rounding = operand(product, 1)
        assert rounding.op == "call_module", rounding
        rounding.args = (weight,)
        bias = None if layer.bias is None else nodes[layer.bias.name]
        product.args = (product.args[0], rounding, bias, *product.args[3:])
        norm.args = (product, *norm.args[1:])
    graph_module.graph.eliminate_dead_code()
    graph_module.recompile()
