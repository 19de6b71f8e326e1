"""The heavy half of `graphsurgeon.rename`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recipec.api import Artifact, OperatorError, RunContext, StageResult
from recipec_graphsurgeon._finish import finish
from recipec_graphsurgeon._graph import close_graph, open_graph
from recipec_graphsurgeon.tensors import near

if TYPE_CHECKING:
    from recipec_graphsurgeon.rename import RenameParams


def rename(
    params: RenameParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the model with the new names. Raises OperatorError on a name that is taken inside."""
    context.progress(0, 2, "renaming")
    opened = open_graph(inputs["model"].path)
    graph = opened.graph
    new, inside = params.new_names, opened.names - params.new_names.keys()
    tensors = {
        "inputs": {tensor.name: tensor for tensor in graph.inputs},
        "outputs": {tensor.name: tensor for tensor in graph.outputs},
    }
    for where, names in (("inputs", params.inputs), ("outputs", params.outputs)):
        for old in names:
            if old not in tensors[where]:
                raise OperatorError(
                    f"the model has no {where[:-1]} {old!r}",
                    at=(where, old),
                    hint=near(old, tensors[where], where),
                )
            if new[old] in inside:
                raise OperatorError(
                    f"{new[old]!r} is the name of another tensor of the model", at=(where, old)
                )
    for where, names in (("inputs", params.inputs), ("outputs", params.outputs)):
        for old in names:
            tensors[where][old].name = new[old]
    close_graph(opened, context.path_for("model"))
    count = sum(old != name for old, name in new.items())
    return finish(params.check, inputs, context, {"tensors renamed": count}, renamed=new)
