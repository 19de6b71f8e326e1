"""What an ONNX file says of itself (heavy: onnx).

Import this inside `run()`, or from a module named `_….py`.
"""

from recipec.api.onnx._facts import onnx_facts
from recipec.api.onnx._layers import onnx_layers

__all__ = ["onnx_facts", "onnx_layers"]
