"""OpenVINO: ONNX models to OpenVINO IR, and the runtime for it, on CPUs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recipec.api import Facts, Operator, hookimpl

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_openvino.convert import Convert

    return [Convert]


@hookimpl
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    from recipec_openvino.model import OpenVINOModel

    return [OpenVINOModel]
