"""Small networks, exported to ONNX by torch alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from recipec.api import Artifact, DataSamples, OnnxModel, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.api.onnx import onnx_facts
from recipec.testing import artifact

IMAGES = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)


class Convolutional(nn.Module):
    """Convolutions, one of them in groups, a residual connection, a classifier."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.conv = nn.Conv2d(8, 8, 3, padding=1, groups=4)
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        return self.head(torch.relu(x + self.conv(x)).mean((2, 3)))


class Perceptron(nn.Module):
    """Linear layers on [N, features]."""

    def __init__(self):
        super().__init__()
        self.wide, self.head = nn.Linear(64, 24), nn.Linear(24, 10, bias=False)

    def forward(self, x):
        return self.head(torch.relu(self.wide(x.flatten(1))))


class Recurrent(nn.Module):
    """An LSTM on rows of pixels."""

    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(8, 12, batch_first=True), nn.Linear(12, 10)

    def forward(self, x):
        return self.head(self.lstm(x[:, 0])[0][:, -1])


class Attentive(nn.Module):
    """Attention on rows of pixels, as in a transformer, with layer normalizations."""

    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Linear(8, 16), nn.LayerNorm(16)
        self.attend = nn.MultiheadAttention(16, 2, batch_first=True)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = self.norm(self.first(x[:, 0]))
        return self.head((x + self.attend(x, x, x, need_weights=False)[0]).mean(1))


NETS = {"conv": Convolutional, "mlp": Perceptron, "lstm": Recurrent, "transformer": Attentive}


def images(count: int) -> ArraySamples:
    """Give images of noise with labels."""
    random = np.random.default_rng(7)
    x = random.standard_normal((count, 1, 8, 8)).astype(np.float32)
    return ArraySamples({"x": x}, random.integers(0, 10, count))


def refer_to_images(path: Path, count: int = 64) -> Artifact[DataSamples]:
    """Refer to the images as data."""
    write_reference(path, "openvino_examples.nets:images", {"count": count})
    return artifact(DataSamples(count=count, inputs=IMAGES, classes=10), path)


def export(path: Path, name: str) -> Artifact[OnnxModel]:
    """Export a network with seeded weights and a free batch."""
    torch.manual_seed(0)
    torch.onnx.export(
        NETS[name]().eval(),
        (torch.zeros(2, 1, 8, 8),),
        path,
        dynamo=True,
        input_names=["x"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("N")},),
        external_data=False,
        verbose=False,
    )
    return artifact(onnx_facts(path), path)


def quantize(source: Path, path: Path) -> Artifact[OnnxModel]:
    """Quantize with onnxruntime's own tool: Q/DQ pairs, uint8 activations, int8 weights."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.batches = iter([{"x": images(32).inputs["x"]}])

        def get_next(self):
            return next(self.batches, None)

    quantize_static(
        source,
        path,
        Reader(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    return artifact(onnx_facts(path), path)
