"""What an ONNX file says of itself (heavy: onnx).

Import this inside `run()`, or from a module named `_….py`.
"""

from recipec.api.onnx._facts import onnx_facts

__all__ = ["onnx_facts"]
