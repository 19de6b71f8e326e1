"""`prune.semi_structured`: of every M weights along the input, N stay."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Layer,
    LayerTable,
    Params,
    RunContext,
    StageResult,
    Tensor,
    Unknown,
)
from recipec.api.selectors import Selectors
from recipec_prune.amounts import total
from recipec_prune.masks import Decided, Masking
from recipec_prune.patterns import Pattern, PatternText, parse_pattern
from recipec_prune.weights import Rule, choose_weights


class SemiStructuredParams(Params):
    """Parameters of `prune.semi_structured`."""

    pattern: PatternText = Field(
        "2:4",
        description="N:M: of every M consecutive weights along the input the N of largest "
        "magnitude stay. Kernels that skip zeros exist for 2:4.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers to prune (glob, `re:…`, `type:…`). Empty, all "
        "convolutions and linear layers whose inputs divide by M.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay whole (glob, `re:…`, `type:…`)."
    )


class SemiStructured(Masking[SemiStructuredParams]):
    """Zeroes M − N of every M weights: the pattern that sparse tensor cores multiply by.

    Groups are M consecutive input features of a linear layer, and M consecutive input channels at
    each place of a convolution's kernel, for every output channel: what cuSPARSELt and TensorRT
    want. Mishra et al., "Accelerating Sparse Deep Neural Networks", 2021, arXiv:2104.08378.
    """

    id = "prune.semi_structured"
    version = 1
    summary = "N of every M weights along the input stay (2:4), for kernels that skip zeros"
    params = SemiStructuredParams
    zeroes: ClassVar[str] = "weights zeroed"

    @property
    def pattern(self) -> Pattern:
        return parse_pattern(self.with_.pattern)

    def decide(self, table: LayerTable) -> Decided:
        """Fix which layers have the pattern, and how many weights are zero at least."""
        n, m = self.pattern
        chosen = choose_weights(table, self.with_.include, self.with_.exclude, rule=_rule(m))
        wants = {w.name: w.tensor.elements // m * (m - n) for w in chosen.weights}
        # A group with more zeros than it needs keeps them: only where none are, is it exact.
        zeros: dict[str, int | Unknown] = {
            w.name: wants[w.name] if w.tensor.zeros == 0 else UNKNOWN for w in chosen.weights
        }
        groups = chosen.elements // m
        said = (
            f"{self.pattern} in {groups:,} groups of {len(wants)} layers: {sum(wants.values()):,} "
            f"of {chosen.elements:,} weights are zero, or more where others were before"
        )
        return Decided(chosen, wants, zeros, total(list(zeros.values())), (said,))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Set the weights to zero, save the module and check the pattern in what was saved."""
        from recipec_prune._semi_structured import prune

        return prune(self, inputs["model"], context)


def _rule(m: int) -> Rule:
    def rule(layer: Layer, tensor: Tensor) -> str | None:
        if tensor.name != "weight" or "Embedding" in layer.type:
            return f"no sparse kernels exist for {layer.type} weights"
        if layer.type == "Conv1D":  # of transformers: inputs come first in its weight
            return "its weight is stored the other way round"
        if "ConvTranspose" in layer.type:
            return "no sparse kernels exist for transposed convolutions"
        if tensor.shape[1] % m:
            return f"its inputs don't divide by {m}"
        return None

    return rule
