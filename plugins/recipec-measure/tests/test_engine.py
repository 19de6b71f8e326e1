"""Engines run on a GPU only; what can be checked without one is that TensorRT has what we call."""

import ast
from pathlib import Path

import pytest

import recipec.api.sessions

pytestmark = pytest.mark.frameworks

SOURCE = Path(recipec.api.sessions.__file__).with_name("_tensorrt.py")


def called_on(name: str) -> set[str]:
    """Names of the attributes that the source takes from `self.NAME`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(SOURCE.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == name
    }


def test_tensorrt_offers_every_method_that_a_session_calls():
    import tensorrt_rtx as trt

    kinds = {"_engine": trt.ICudaEngine, "_context": trt.IExecutionContext, "_trt": trt}
    kinds["_runtime"] = trt.Runtime
    for name, kind in kinds.items():
        called = called_on(name)
        assert called, f"the source calls nothing on {name}"
        assert [method for method in called if not hasattr(kind, method)] == []


def test_every_element_type_is_one_of_tensorrt():
    import tensorrt_rtx as trt

    from recipec.api.sessions._tensorrt import _DTYPES

    assert [name for name in _DTYPES if not hasattr(trt.DataType, name)] == []
    assert trt.DataType.FLOAT.name == "FLOAT"
