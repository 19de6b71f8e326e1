"""ONNX operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recipec.api import Operator, hookimpl


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_onnx.export import OnnxExport

    return [OnnxExport]
