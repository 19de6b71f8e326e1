"""Which ONNX operators a runtime's parser knows."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from recipec_tensorrt._log import listening


def unknown_operators(module: str, operators: Sequence[str]) -> list[str]:
    """Give those of ONNX's operators that the parser doesn't know."""
    trt = importlib.import_module(module)
    with listening(trt) as (logger, _):
        builder = trt.Builder(logger)
        network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
        parser = trt.OnnxParser(network, logger)
        return [name for name in operators if not parser.supports_operator(name)]
