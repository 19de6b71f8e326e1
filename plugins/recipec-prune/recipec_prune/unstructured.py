"""`prune.unstructured`: single weights of each layer become zero."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import Artifact, LayerTable, RunContext, StageResult
from recipec_prune.amounts import MaskParams, newly_zero, total, wanted, zeros_after
from recipec_prune.masks import Decided, Masking
from recipec_prune.weights import Chosen, choose_weights, no_embedding


class SingleWeightParams(MaskParams):
    """Parameters of operators that set single weights to zero."""

    tensors: tuple[str, ...] = Field(
        (),
        description="Globs of the names of the tensors to prune (`weight_hh_*`, `bias`). Empty, "
        "they are the weights that inputs are multiplied by, of recurrent layers those of inputs "
        "and of states.",
    )
    method: Literal["l1", "random"] = Field(
        "l1",
        description="Which weights become zero: those of least magnitude, or some drawn by the "
        "recipe's seed (to compare with). Weights that are zero already go first in both.",
    )

    def choose(self, table: LayerTable) -> Chosen:
        """Choose the weights to prune. Raises OperatorError as `choose_weights` does."""
        rule = no_embedding(self.include)
        return choose_weights(table, self.include, self.exclude, self.tensors, rule)


class Unstructured(Masking[SingleWeightParams]):
    """Sets the same share of each chosen tensor to zero, as torch.nn.utils.prune does.

    The magnitude of a weight is its importance (Han et al., "Learning both Weights and Connections
    for Efficient Neural Networks", NeurIPS 2015, arXiv:1506.02626).
    """

    id = "prune.unstructured"
    version = 1
    summary = "Single weights of each layer become zero: the smallest, or random ones"
    params = SingleWeightParams
    zeroes: ClassVar[str] = "weights zeroed"

    def decide(self, table: LayerTable) -> Decided:
        """Fix how many weights of each tensor are zero."""
        chosen = self.with_.choose(table)
        wants, zeros, changed = {}, {}, []
        for weight in chosen.weights:
            before, name = weight.tensor.zeros, weight.name
            wants[name] = wanted(self.with_, weight.tensor.elements, name)
            zeros[name] = zeros_after(wants[name], before)
            changed.append(newly_zero(zeros[name], before, wants[name]))
        share = sum(wants.values()) / chosen.elements
        said = (
            f"{sum(wants.values()):,} of {chosen.elements:,} weights are zero ({share:.1%}), "
            f"the same share of each of {len(wants)} tensors"
        )
        if self.with_.amount is None:
            said = f"{self.with_.count:,} weights of each of {len(wants)} tensors are zero"
        return Decided(chosen, wants, zeros, total(changed), (said,))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Set the weights to zero and save the module."""
        from recipec_prune._unstructured import prune

        return prune(self, inputs["model"], context)
