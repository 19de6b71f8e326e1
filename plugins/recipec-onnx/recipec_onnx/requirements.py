"""What operators on ONNX files need of a machine."""

from __future__ import annotations

from typing import Final

from recipec.api import Requirement

_INSTALL: Final = 'pip install "recipec[onnx]"'

ONNX: Final = Requirement("python:onnx>=1.17", _INSTALL)
ONNXRUNTIME: Final = Requirement("python:onnxruntime>=1.20", _INSTALL)
QUANTIZER: Final = (ONNX, ONNXRUNTIME)
SLIM: Final = Requirement("python:onnxslim>=0.1.50", _INSTALL)
