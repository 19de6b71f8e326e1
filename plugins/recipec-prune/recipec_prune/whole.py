"""`prune.global`: one threshold over the weights of all chosen layers."""

from collections.abc import Mapping
from typing import Any, ClassVar

from recipec.api import UNKNOWN, Artifact, LayerTable, RunContext, StageResult, Unknown
from recipec_prune.amounts import newly_zero, total, wanted, zeros_after
from recipec_prune.masks import Decided, Masking
from recipec_prune.unstructured import SingleWeightParams


class Global(Masking[SingleWeightParams]):
    """Sets a share of all chosen weights to zero, wherever the smallest are.

    The overall number is exact. How it is split among the layers depends on the weights, so the
    plan leaves it open, and the run tells. Layers with many weights to spare lose more of them than
    with the same share of each (Frankle and Carbin, "The Lottery Ticket Hypothesis", ICLR 2019,
    arXiv:1803.03635, section 4, prune deep networks globally for this reason).
    """

    id = "prune.global"
    version = 1
    summary = "The smallest weights of all chosen layers together become zero"
    params = SingleWeightParams
    zeroes: ClassVar[str] = "weights zeroed"

    def decide(self, table: LayerTable) -> Decided:
        """Fix how many weights are zero in all."""
        chosen = self.with_.choose(table)
        tensors = [weight.tensor for weight in chosen.weights]
        wants = wanted(self.with_, chosen.elements, "all of them together")
        before = total([tensor.zeros for tensor in tensors])
        after = zeros_after(wants, before)
        as_before = not isinstance(before, Unknown) and (not wants or after == before)
        zeros = {
            weight.name: weight.tensor.zeros if as_before else UNKNOWN for weight in chosen.weights
        }
        said = (
            f"{wants:,} of {chosen.elements:,} weights are zero ({wants / chosen.elements:.1%}), "
            f"in {len(tensors)} tensors; how many in each is known after the run"
        )
        changed = newly_zero(after, before, wants)
        return Decided(chosen, {"": wants}, zeros, changed, (said,))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Find the threshold, set the weights below it to zero and save the module."""
        from recipec_prune._whole import prune

        return prune(self, inputs["model"], context)
