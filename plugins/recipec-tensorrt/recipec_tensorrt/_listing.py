"""Lists the layers of a network, and what each computes in."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from recipec_tensorrt._network import DTYPES, dtype
from recipec_tensorrt.listing import EngineLayers

MULTIPLYING: Final = {
    "CONVOLUTION",
    "DECONVOLUTION",
    "EINSUM",
    "MATRIX_MULTIPLY",
}
_FLOATS: Final = {"float64", "float32", "float16", "bfloat16"}
_PASSING: Final = {"CAST", "IDENTITY", "SHUFFLE", "SLICE", "SQUEEZE", "UNSQUEEZE"}
"""Layers that TensorRT moves a DequantizeLinear across: they change no value."""


def list_layers(network: Any, engine: Any, path: Path) -> EngineLayers:
    """Write the layers of a network to a JSON file, with the engine's own where it tells them.

    `engine` is what its inspector says, as JSON, or None.
    """
    producers = _producers(network)
    rows = [_row(network.get_layer(i), producers) for i in range(network.num_layers)]
    multiplying = [row for row in rows if "arithmetic" in row]
    arithmetic = dict(sorted(Counter(row["arithmetic"] for row in multiplying).items()))
    quantized = any(name not in _FLOATS for name in arithmetic)
    in_float = [
        row["node"] or row["name"]
        for row in multiplying
        if quantized and row["arithmetic"] in _FLOATS
    ]
    said: dict[str, Any] = {"network": rows}
    if engine is not None:
        said["engine"] = engine
    path.write_text(json.dumps(said, indent=1) + "\n")
    return EngineLayers(
        count=len(rows),
        source="network" if engine is None else "engine",
        arithmetic=arithmetic,
        in_float=tuple(in_float),
    )


def inspected(trt: ModuleType, logger: Any, engine: Any) -> Any:
    """Give what the inspector of an engine says, as JSON; None where it can't be opened here."""
    opened = trt.Runtime(logger).deserialize_cuda_engine(engine)
    if opened is None:
        return None
    told = opened.create_engine_inspector().get_engine_information(trt.LayerInformationFormat.JSON)
    return json.loads(told)


def _row(layer: Any, producers: Mapping[str, Any]) -> dict[str, Any]:
    inputs = [layer.get_input(i) for i in range(layer.num_inputs)]
    outputs = [layer.get_output(i) for i in range(layer.num_outputs)]
    row: dict[str, Any] = {
        "name": layer.name,
        "type": layer.type.name,
        "node": _node(layer.metadata),
        "inputs": [_tensor(tensor) for tensor in inputs if tensor is not None],
        "outputs": [_tensor(tensor) for tensor in outputs],
    }
    if layer.type.name in MULTIPLYING:
        small = [_small(tensor, producers) for tensor in inputs[:2] if tensor is not None]
        alike = len(set(small)) == 1 and small[0] is not None
        # A quantized weight alone is widened again before it is multiplied.
        row["arithmetic"] = small[0] if alike else dtype(outputs[0])
    return row


def _tensor(tensor: Any) -> dict[str, Any]:
    return {"name": tensor.name, "shape": list(tensor.shape), "dtype": dtype(tensor)}


def _node(metadata: str) -> str:
    """Give the ONNX node that a layer stands for, "" for one that the parser added."""
    found = re.search(r"\[ONNX Layer: (.*?)\]", metadata)
    return found[1] if found else ""


def _producers(network: Any) -> dict[str, Any]:
    layers = [network.get_layer(i) for i in range(network.num_layers)]
    return {layer.get_output(i).name: layer for layer in layers for i in range(layer.num_outputs)}


def _small(tensor: Any, producers: Mapping[str, Any]) -> str | None:
    """Give the type that a value was dequantized from, None for one that wasn't."""
    layer = producers.get(tensor.name)
    while layer is not None and layer.type.name in _PASSING:
        layer = producers.get(layer.get_input(0).name)
    if layer is None or layer.type.name != "DEQUANTIZE":
        return None
    name: str = layer.get_input(0).dtype.name
    return DTYPES.get(name, name.lower())
