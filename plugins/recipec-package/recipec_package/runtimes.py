"""Which kinds of models can be packaged, and the lines of Python that run each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Snippet(NamedTuple):
    """How a user runs a model, without recipec.

    `imports` is the import line, `load` makes a callable of `{model}`, the path inside the package;
    `call` gives the first output for the arrays `x`, in the order of the model's inputs.
    `distribution` is what has to be installed besides NumPy.
    """

    imports: str
    load: str
    call: str
    distribution: str


SNIPPETS: Final[Mapping[str, Snippet]] = {
    "onnx.model": Snippet(
        "import onnxruntime",
        'model = onnxruntime.InferenceSession(here / "{model}")',
        "model.run(None, dict(zip([i.name for i in model.get_inputs()], x)))[0]",
        "onnxruntime",
    ),
    "openvino.model": Snippet(
        "import openvino",
        'model = openvino.compile_model(here / "{model}/model.xml", "CPU", '
        '{{"INFERENCE_PRECISION_HINT": "f32"}})',
        "model(x)[0]",
        "openvino",
    ),
    "torch.exported": Snippet(
        "import torch, torch.ao.quantization.fx._decomposed",
        'model = torch.export.load(here / "{model}").module()',
        "model(*map(torch.from_numpy, x)).detach().numpy()",
        "torch",
    ),
}
"""By kind. A torch module needs the code that builds it, an engine the GPU that it was built for:
neither is something to hand on by itself."""
