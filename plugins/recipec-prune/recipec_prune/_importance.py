"""How important channels are, by the magnitude of their weights in all layers that share them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from recipec.api import OperatorError
from recipec.api.torch import CoupledChannels

COUNTED = (nn.modules.conv._ConvNd, nn.Linear, nn.modules.batchnorm._BatchNorm, nn.LayerNorm)


def magnitudes(module: nn.Module, group: CoupledChannels, p: int) -> Tensor:
    """Give one score for each of a group's channels: the mean over its layers of Σ|w|^p.

    The sum is over all weights that would leave a layer with the channel: its filter where it is
    made, its slice of the filters where it is read, its scale in a normalization. This ranks as
    Torch-Pruning 1.6 does with `GroupMagnitudeImportance(p, group_reduction="mean")` (Fang et al.,
    "DepGraph", CVPR 2023, arXiv:2301.12900, section 3.3), and as there biases and depthwise filters
    don't count. Raises OperatorError when a weight isn't finite.
    """
    total = torch.zeros(len(group.channels), dtype=torch.float32)
    counted = 0
    for (tensor, dim), entries in group.entries.items():
        layer, _, name = tensor.rpartition(".")
        owner = module.get_submodule(layer)
        if name != "weight" or not isinstance(owner, COUNTED) or getattr(owner, "groups", 1) > 1:
            continue
        weight = module.get_parameter(tensor).detach()
        if not bool(weight.isfinite().all()):
            raise OperatorError(f"{tensor} holds values that aren't finite: magnitudes say nothing")
        magnitude = (
            weight.abs().pow(p).movedim(dim, 0).flatten(1).sum(1)
            if weight.dim() > 1
            else weight.abs().pow(p)
        )
        units = torch.tensor([unit for unit, of in enumerate(entries) for _ in of])
        places = torch.tensor([entry for of in entries for entry in of])
        total.scatter_add_(0, units, magnitude[places].to(total.dtype))
        counted += 1
    return total / max(counted, 1)
