"""The tiny models and samples of `tiny.py` (heavy: NumPy; torch and onnx where they are made)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recipec.api.data import ArraySamples

_SHAPES: dict[str, list[str | int | None]] = {"x": ["N", 1, 8, 8], "logits": ["N", 4]}


def draw(count: int, shape: list[int], classes: int, seed: int) -> ArraySamples:
    """Give samples `x` [count, *shape] float32 of `classes` classes that can be told apart.

    A class is a random pattern; a sample is its class's with as much noise.
    """
    generator = np.random.default_rng(seed)
    patterns = generator.standard_normal((classes, *shape))
    labels = np.arange(count, dtype=np.int64) % classes
    noise = generator.standard_normal((count, *shape))
    return ArraySamples({"x": (patterns[labels] + noise).astype(np.float32)}, labels)


def cnn() -> Any:
    """A convolutional net: x [N, 1, 8, 8] → logits [N, 4]; 708 parameters."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
        *(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4)),
    )


def mlp() -> Any:
    """Three linear layers: x [N, 1, 8, 8] → logits [N, 4]."""
    from torch import nn

    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 4)
    )


def write_onnx(path: Path) -> None:
    """Write an ONNX net of one convolution and one Gemm: x [N, 1, 8, 8] → logits [N, 4]."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    generator = np.random.default_rng(0)
    weights = {"w1": (8, 1, 3, 3), "b1": (8,), "w2": (4, 8), "b2": (4,)}
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in _SHAPES.items()
    )
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("GlobalAveragePool", ["r"], ["p"], name="pool"),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "w2", "b2"], ["logits"], name="fc", transB=1),
    ]
    constants = [
        numpy_helper.from_array((generator.standard_normal(s) / 4).astype(np.float32), n)
        for n, s in weights.items()
    ]
    graph = helper.make_graph(nodes, "tiny", [x], [y], constants)
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
