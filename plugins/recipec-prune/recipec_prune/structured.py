"""`prune.structured`: whole channels of each layer become zero, and stay where they are."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Layer,
    LayerTable,
    RunContext,
    StageResult,
    Tensor,
    Unknown,
)
from recipec_prune.amounts import MaskParams, total, wanted
from recipec_prune.masks import Decided, Masking
from recipec_prune.weights import Rule, Weight, choose_weights

FEEDS_OUTPUTS = "feeds the outputs"
"""Why the layer table says that the channels of a classifier can't leave."""


class StructuredParams(MaskParams):
    """Parameters of `prune.structured`."""

    n: Annotated[int, Field(ge=1)] | Literal["inf"] = Field(
        2, description="Which norm ranks the channels: 1, 2, …, or `inf` for the largest magnitude."
    )
    dim: int = Field(
        0,
        ge=0,
        description="The dimension of the weight whose entries are the channels: 0 are output "
        "channels, 1 input channels (the other way round in transposed convolutions).",
    )


class Structured(Masking[StructuredParams]):
    """Sets the channels of least norm to zero, as torch.nn.utils.prune's `ln_structured` does.

    The norm of a filter as its importance: Li et al., "Pruning Filters for Efficient ConvNets",
    ICLR 2017, arXiv:1608.08710. Only weights are set: a channel's bias, and what a batch
    normalization adds, stay.
    """

    id = "prune.structured"
    version = 1
    summary = "Whole channels of each layer become zero, by their norm; shapes stay"
    params = StructuredParams
    zeroes: ClassVar[str] = "channels zeroed"

    def decide(self, table: LayerTable) -> Decided:
        """Fix how many channels of each layer are zero."""
        with_ = self.with_
        rule = _rule(table, with_.dim, bool(with_.include))
        chosen = choose_weights(table, with_.include, with_.exclude, rule=rule)
        wants: dict[str, int] = {}
        zeros: dict[str, int | Unknown] = {}
        changed: list[int | Unknown] = []
        for weight in chosen.weights:
            channels = weight.tensor.shape[with_.dim]
            want = wants[weight.name] = wanted(
                with_, channels, f"{weight.name}, along {with_.dim},"
            )
            zeros[weight.name] = _zeros(weight, with_.dim, want)
            changed.append(want if weight.tensor.zeros == 0 or not want else UNKNOWN)
        every = sum(weight.tensor.shape[with_.dim] for weight in chosen.weights)
        kind = "output" if with_.dim == 0 else f"dimension {with_.dim}"
        said = f"{sum(wants.values())} of {every} channels ({kind}) of {len(wants)} layers are zero"
        return Decided(chosen, wants, zeros, total(changed), (said,))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Set the channels to zero and save the module."""
        from recipec_prune._structured import prune

        return prune(self, inputs["model"], context)


def _zeros(weight: Weight, dim: int, channels: int) -> int | Unknown:
    """Give a weight's zeros afterwards; where others are zero too, they may be in any channel."""
    if not channels:
        return weight.tensor.zeros
    elements, length = weight.tensor.elements, weight.tensor.shape[dim]
    return channels * (elements // length) if weight.tensor.zeros == 0 else UNKNOWN


def _rule(table: LayerTable, dim: int, included: bool) -> Rule:
    groups = () if isinstance(table.groups, Unknown) else table.groups
    outputs = {group.id for group in groups if group.protected == FEEDS_OUTPUTS}

    def rule(layer: Layer, tensor: Tensor) -> str | None:
        if tensor.name != "weight" or "Embedding" in layer.type:
            return f"the rows of {layer.type} weights are no channels"
        if not -len(tensor.shape) <= dim < len(tensor.shape):
            return f"{tensor.name} has {len(tensor.shape)} dimensions, and none is {dim}"
        if tensor.shape[dim] == 1:
            return f"it has one channel only along {dim}"
        if dim == 0 and not included and "ConvTranspose" in layer.type:
            return "its dimension 0 are input channels: only `include` chooses it"
        makes = {s.group for axis in tensor.axes if axis.dim == 0 for s in axis.shares}
        if dim == 0 and not included and makes & outputs:
            return f"it {FEEDS_OUTPUTS}: only `include` chooses it"
        return None

    return rule
