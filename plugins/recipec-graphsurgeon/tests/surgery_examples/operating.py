"""Runs an operator alone, and compares graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import onnx_graphsurgeon as gs
import pytest
from onnx import ModelProto

from recipec.api import OnnxModel, Operator, OperatorError, StageResult
from recipec.api.onnx import Session
from recipec.testing import AlonePlanContext, AloneRunContext
from surgery_examples.models import save


def operate(
    kind: type[Operator[Any]], made: ModelProto, folder: Path, **params: Any
) -> tuple[ModelProto, StageResult]:
    """Plan and run an operator on a model; what is made must be what was planned."""
    given = save(folder, made)
    operator = kind(kind.params.model_validate(params))
    planned = operator.plan({"model": given.facts}, AlonePlanContext(folder))
    context = AloneRunContext(folder, operator)
    result = operator.run({"model": given}, context)
    assert list(planned.outputs["model"].contradictions(result.outputs["model"])) == []
    assert planned.changed.keys() == result.changed.keys()
    for name, count in planned.changed.items():
        assert not isinstance(count, int) or count == result.changed[name], name
    return onnx.load(context.path_for("model")), result


def refusal(
    kind: type[Operator[Any]], made: ModelProto, folder: Path, **params: Any
) -> OperatorError:
    """Give the error with which an operator refuses a model when it's run, and leaves nothing."""
    given = save(folder, made)
    operator = kind(kind.params.model_validate(params))
    with pytest.raises(OperatorError) as raised:
        operator.run({"model": given}, AloneRunContext(folder, operator))
    return raised.value


def plan_refusal(kind: type[Operator[Any]], facts: OnnxModel, **params: Any) -> OperatorError:
    """Give the error with which an operator refuses a model when it's planned."""
    operator = kind(kind.params.model_validate(params))
    with pytest.raises(OperatorError) as raised:
        operator.plan({"model": facts}, AlonePlanContext(Path()))
    return raised.value


def graph_of(made: ModelProto) -> gs.Graph:
    return gs.import_onnx(made)


def assert_same_graph(made: ModelProto, wanted: gs.Graph) -> None:
    """Assert that a file holds what onnx-graphsurgeon's own calls give, node by node."""
    reference = gs.export_onnx(wanted).graph
    assert [n.SerializeToString() for n in _bare(made).graph.node] == [
        n.SerializeToString() for n in reference.node
    ]
    stored = {t.name: t for t in made.graph.initializer}
    assert stored.keys() == {t.name for t in reference.initializer}
    for tensor in reference.initializer:
        assert stored[tensor.name].SerializeToString() == tensor.SerializeToString(), tensor.name
    for mine, theirs in (
        (made.graph.input, reference.input),
        (made.graph.output, reference.output),
    ):
        assert [(v.name, v.type) for v in mine] == [(v.name, v.type) for v in theirs]


def _bare(made: ModelProto) -> ModelProto:
    """Leave out the metadata of nodes, which onnx-graphsurgeon drops."""
    bare = ModelProto()
    bare.CopyFrom(made)
    for node in bare.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
    return bare


def run(made: ModelProto, **arrays: Any) -> Any:
    """Run a model in onnxruntime, and give its outputs."""
    return Session(made.SerializeToString()).run(arrays)


def operators(made: ModelProto) -> list[str]:
    """Name the operators of the main graph, in its order."""
    return [node.op_type for node in made.graph.node]
