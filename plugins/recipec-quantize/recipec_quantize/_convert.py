"""From a graph that observes, or simulates quantization, to an int8 program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch.export import ExportedProgram
from torch.fx import GraphModule

from recipec.api import TensorSpec
from recipec.api.torch import export_program
from recipec_quantize._naming import give_layers_their_tensors
from recipec_quantize._shields import Unused, hide_norms, show_norms
from recipec_quantize._torchao import convert_pt2e

aten = torch.ops.aten
quantize = torch.ops.quantized_decomposed.quantize_per_tensor.default


def int8_program(
    prepared: GraphModule,
    layers: Mapping[str, str],
    unused: Unused,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    kinds: Sequence[tuple[str, str]],
) -> ExportedProgram:
    """Convert, name the quantized tensors after their layers, and export.

    `layers` maps the graph's nodes that are quantized layers to these layers' names, `unused` are
    the tensors that conversion drops, `kinds` the layers' names and types.
    """
    hide_norms(prepared)
    converted = convert_pt2e(prepared)
    show_norms(converted)
    unused.restore(converted)
    _clamp(converted)
    give_layers_their_tensors(converted, layers)
    return export_program(converted, inputs, outputs, kinds)


def _clamp(graph_module: GraphModule) -> None:
    """Clamp before it quantizes to fewer levels than the type has, as ONNX's operator doesn't."""
    for node in graph_module.graph.nodes:
        if node.target is not quantize:
            continue
        value, scale, zero_point, lowest, highest, dtype = node.args
        whole = torch.iinfo(dtype)
        if (lowest, highest) == (whole.min, whole.max):
            continue
        low, high = (scale * (end - zero_point) for end in (lowest, highest))
        with graph_module.graph.inserting_before(node):
            clamped = graph_module.graph.call_function(aten.clamp.default, (value, low, high))
        node.replace_input_with(value, clamped)
    graph_module.recompile()
