"""Keep torchao from folding batch normalizations where that would change the model."""

from __future__ import annotations

import torch
from torch.fx import GraphModule

from recipec.api.torch import WEIGHTED

aten = torch.ops.aten


def shield_norms(graph_module: GraphModule) -> frozenset[str]:
    """Put a view between each layer and a batch normalization that follows it; give their names.

    Those that can be folded have been (`fold_batch_norms`). `prepare_pt2e` folds the rest too,
    without looking for other readers of the layer's output, as a pre-activation ResNet has them
    (torchao 0.18); it doesn't see through a view.
    """
    shields = set()
    for node in list(graph_module.graph.nodes):
        if node.target is aten.batch_norm.default and node.args[0].target in WEIGHTED:
            with graph_module.graph.inserting_before(node):
                view = graph_module.graph.call_function(aten.alias.default, (node.args[0],))
            view.meta = dict(node.args[0].meta)
            node.replace_input_with(node.args[0], view)
            shields.add(view.name)
    graph_module.recompile()
    return frozenset(shields)


def unshield_norms(graph_module: GraphModule, shields: frozenset[str]) -> None:
    """Take the views out again."""
    for node in list(graph_module.graph.nodes):
        if node.name in shields:
            node.replace_all_uses_with(node.args[0])
            graph_module.graph.erase_node(node)
    graph_module.recompile()
