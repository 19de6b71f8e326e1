"""The libraries that only heavy halves may import."""

from __future__ import annotations

from typing import Final

FRAMEWORKS: Final = (
    "torch",
    "torchvision",
    "torch_pruning",
    "torchao",
    "lightning_fabric",
    "numpy",
    "onnx",
    "onnxscript",
    "onnx_graphsurgeon",
    "onnxruntime",
    "onnxslim",
    "openvino",
    "tensorrt",
    "tensorrt_rtx",
    "sklearn",
    "safetensors",
    "torchmetrics",
    "transformers",
    "tokenizers",
    "datasets",
    "timm",
    "PIL",
    "mnist1d",
    "scipy",
    "jinja2",
    "rich",
)
"""What the light half of an operator must not import, also not through something else."""
