"""ONNX files: what they say of themselves, and whether two of them compute the same (heavy).

Import this inside `run()`, or from a module named `_….py`. What needs onnx or onnxruntime is
imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recipec.api.onnx._before_after import compare_outputs
    from recipec.api.onnx._compare import Comparison, compare, judge, refuse_broken
    from recipec.api.onnx._facts import onnx_facts
    from recipec.api.onnx._graph import Graph
    from recipec.api.onnx._held import foldable
    from recipec.api.onnx._inputs import fixed_batch, sample_inputs
    from recipec.api.onnx._layers import layer_name, layer_nodes, stored_tensors
    from recipec.api.onnx._session import Session

_WHERE = {
    "Comparison": "_compare",
    "Graph": "_graph",
    "Session": "_session",
    "compare": "_compare",
    "compare_outputs": "_before_after",
    "fixed_batch": "_inputs",
    "foldable": "_held",
    "judge": "_compare",
    "layer_name": "_layers",
    "layer_nodes": "_layers",
    "onnx_facts": "_facts",
    "refuse_broken": "_compare",
    "sample_inputs": "_inputs",
    "stored_tensors": "_layers",
}

__all__ = [
    "Comparison",
    "Graph",
    "Session",
    "compare",
    "compare_outputs",
    "fixed_batch",
    "foldable",
    "judge",
    "layer_name",
    "layer_nodes",
    "onnx_facts",
    "refuse_broken",
    "sample_inputs",
    "stored_tensors",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
