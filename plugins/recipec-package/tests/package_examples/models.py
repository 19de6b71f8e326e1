"""One classifier of small images in every form that can be packaged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recipec.api import Artifact, DataSamples, Preprocessing, TensorSpec
from recipec.api.data import ArraySamples
from recipec.api.data.reference import write_reference
from recipec.testing import artifact, run_alone

INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 3)),)
STEPS = Preprocessing(divisor=16.0, mean=(0.25,), std=(0.5,))


def images(count: int) -> ArraySamples:
    """Give images as a data source does: stored bytes 0 to 16, preprocessed by `STEPS`."""
    random = np.random.default_rng(3)
    pixels = random.integers(0, 17, (count, 1, 8, 8)).astype(np.float64)
    return ArraySamples(
        {"x": ((pixels / 16 - 0.25) / 0.5).astype(np.float32)}, random.integers(0, 3, count)
    )


def refer_to_images(path: Path, count: int = 16, **facts: Any) -> Artifact[DataSamples]:
    """Refer to the images as data."""
    write_reference(path, "package_examples.models:images", {"count": count})
    told = {"count": count, "inputs": INPUTS, "classes": 3, "preprocessing": STEPS, **facts}
    return artifact(DataSamples(**told), path)


def onnx_model(path: Path) -> Artifact[Any]:
    """Make the classifier as an ONNX file."""
    from onnx import TensorProto, helper, numpy_helper, save_model

    from recipec.api.onnx import onnx_facts

    weight = np.random.default_rng(0).standard_normal((3, 64)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["x"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weight"], ["logits"], transB=1),
        ],
        "classifier",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 3])],
        [numpy_helper.from_array(weight, "weight")],
    )
    opset = [helper.make_opsetid("", 18)]
    save_model(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return artifact(onnx_facts(path), path)


def openvino_model(folder: Path) -> Artifact[Any]:
    """Convert the ONNX file to OpenVINO IR."""
    from recipec_openvino.convert import Convert

    source = onnx_model(folder / "source.onnx")
    made, _ = run_alone(Convert(Convert.params()), {"model": source}, folder)
    return made["model"]


def exported_program(path: Path) -> Artifact[Any]:
    """Make a classifier as an exported program."""
    import torch
    from torch import nn

    from recipec.api.torch import export_program, exported_facts, save_exported

    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 3)).eval()
    program = export_program(net, INPUTS, OUTPUTS, [("1", "Linear")])
    save_exported(path, program)
    return artifact(exported_facts(program), path)
