"""Makes the inputs of an export stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from recipec.api import UNKNOWN, Artifact, DataSamples, ImportString, LayerTable, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.folding import foldable_norms
from recipec.api.torch import (
    SavedModule,
    attribute,
    build_module,
    dtype_of,
    export_program,
    exported_facts,
    fold_batch_norms,
    layer_of,
    module_facts,
    put_parameter,
    save_code,
    save_exported,
    save_module,
)
from recipec.testing import artifact

IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
COUNT = 64

aten = torch.ops.aten
quantized = torch.ops.quantized_decomposed


def save_net(path: Path, name: str, inputs: tuple[TensorSpec, ...] = IMAGES) -> Artifact[Any]:
    """Save a network of `nets.py` as a torch module."""
    here = Path(__file__).parent
    module = build_module(ImportString("nets.py:build"), {"name": name}, here)
    structure = SavedModule(builder="nets.py:build", arguments={"name": name}, inputs=inputs)
    save_module(path, module, structure)
    save_code(path, here / "nets.py")
    return artifact(module_facts(module, inputs), path)


def save_program(path: Path, name: str, type_name: str = "uint8") -> Artifact[Any]:
    """Save a network as an exported program with Q/DQ pairs around its convolutions and linears.

    What a quantization operator makes, without one: scales are fixed, weights rounded.
    """
    dtype = dtype_of(type_name)
    module = build_module(ImportString("nets.py:build"), {"name": name}, Path(__file__).parent)
    facts = module_facts(module, IMAGES, UNKNOWN)
    assert isinstance(facts.layers, LayerTable)
    assert isinstance(facts.outputs, tuple)
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    graph_module = export_program(module, IMAGES, facts.outputs, kinds).module()
    fold_batch_norms(graph_module, foldable_norms(facts.layers))
    graph = graph_module.graph
    low, high = torch.iinfo(dtype).min, torch.iinfo(dtype).max
    for node in list(graph.nodes):
        if node.target not in (aten.conv2d.default, aten.linear.default):
            continue
        layer = layer_of(node)
        given, weight = node.args[:2]
        with graph.inserting_before(node):
            positive = given.target in (aten.relu.default, aten.relu_.default)
            zero_point = 0 if positive or dtype is torch.int8 else 128
            pair = (0.02, zero_point, low, high, dtype)
            q = graph.call_function(quantized.quantize_per_tensor.default, (given, *pair))
            dq = graph.call_function(quantized.dequantize_per_tensor.default, (q, *pair))
            _round_weight(graph_module, layer)
            scale = graph.get_attr(f"{layer}.weight_scale")
            whole = graph.call_function(
                quantized.dequantize_per_channel.default,
                (weight, scale, None, 0, -127, 127, torch.int8),
            )
        node.args = (dq, whole, *node.args[2:])
    graph_module.recompile()
    program = export_program(graph_module, IMAGES, facts.outputs, kinds)
    save_exported(path, program)
    return artifact(exported_facts(program), path)


def _round_weight(module: nn.Module, layer: str) -> None:
    weight = attribute(module, f"{layer}.weight").detach()
    if weight.dtype is torch.int8:
        return  # the layer runs twice
    scale = weight.abs().flatten(1).amax(1) / 127
    shape = (-1, *[1] * (weight.dim() - 1))
    put_parameter(module, f"{layer}.weight", (weight / scale.reshape(shape)).round().to(torch.int8))
    module.get_submodule(layer).register_buffer("weight_scale", scale)


def images(count: int = COUNT) -> ArraySamples:
    """Give images of noise."""
    random = np.random.default_rng(7)
    return ArraySamples({"x": random.standard_normal((count, 1, 8, 8)).astype(np.float32)})


def colours(count: int) -> ArraySamples:
    """Give coloured images of noise, 32×32."""
    random = np.random.default_rng(7)
    return ArraySamples({"image": random.random((count, 3, 32, 32), dtype=np.float32)})


def refer_to_images(path: Path, count: int = COUNT) -> Artifact[Any]:
    """Refer to the images as data."""
    write_reference(path, "onnx_examples.making:images", {"count": count})
    return artifact(DataSamples(count=count, inputs=IMAGES, classes=None), path)
