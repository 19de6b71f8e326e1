"""`clustering.kmeans`: the weights of each layer take a few values only."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Facts,
    LayerTable,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    Tensor,
    TorchModule,
    Unknown,
)
from recipec.api.selectors import Selectors
from recipec_clustering.weights import (
    MOST,
    TORCH,
    Chosen,
    Weight,
    bits_for,
    choose_weights,
    some,
    sorting,
)

CLUSTERED: Final = "weights clustered"
Init = Literal["linear", "density", "random"]


class KMeansParams(Params):
    """Parameters of `clustering.kmeans`: one of `bits` and `clusters`."""

    bits: int | None = Field(
        None, ge=1, le=8, description="Bits of an index: each tensor has 2 to this power values."
    )
    clusters: int | None = Field(
        None, ge=2, le=MOST, description="Values of each tensor, where that is no power of 2."
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers to cluster (glob, `re:…`, `type:…`). Empty, all with "
        "a weight of two dimensions or more are.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay as they are (glob, `re:…`, `type:…`)."
    )
    init: Init = Field(
        "linear",
        description="Where centroids begin: at equal distances from the least to the largest "
        "weight, at equal shares of the weights, or at weights drawn by the recipe's seed.",
    )
    iterations: int = Field(
        300, ge=1, description="The most steps of Lloyd's algorithm; it stops when none moves."
    )
    keep_zeros: bool = Field(
        True,
        description="Weights that are exactly 0 stay 0 (pruned ones), and all others stay "
        "different from 0. In a tensor with zeros, 0 is one of the values.",
    )


class KMeans(Operator[KMeansParams]):
    """Replaces each weight by the centroid of its cluster; each tensor has its own codebook.

    Han, Mao and Dally, "Deep Compression", ICLR 2016, arXiv:1510.00149, section 3: trained weights
    are clustered by k-means within a layer, from one of three beginnings. The module keeps its
    shapes and types: `clustering.finetune` trains what is shared, `clustering.pack` makes it small.
    """

    id = "clustering.kmeans"
    version = 1
    summary = "The weights of each layer take a few shared values (k-means)"
    params = KMeansParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module to cluster")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchModule, "the same module, with shared weights")
    }
    requires = TORCH

    @property
    def clusters(self) -> int:
        """How many values a tensor has at most. Raises OperatorError when that isn't given once."""
        bits, clusters = self.with_.bits, self.with_.clusters
        if (bits is None) == (clusters is None):
            both = bits is not None
            raise OperatorError(
                "both `bits` and `clusters` are given" if both else "how many values is missing",
                at=("clusters",) if both else (),
                hint="write one of them, for example `bits: 4` for 16 values",
            )
        return clusters if clusters is not None else 2 ** (bits or 0)

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Say which weights are clustered, and that zeros stay where they are."""
        model, clusters = inputs["model"], self.clusters
        assert isinstance(model, TorchModule)
        if isinstance(model.layers, Unknown):
            return StagePlan({"model": model}, changed={CLUSTERED: UNKNOWN})
        chosen = self.choose(model.layers)
        steps = self.with_.iterations * clusters * len(chosen.weights)
        return StagePlan(
            {"model": model.model_copy(update={"layers": self.clustered(model.layers, chosen)})},
            effects=tuple(self._effects(chosen, clusters)),
            changed={CLUSTERED: chosen.elements},
            matched=chosen.matched,
            work=sum(sorting(weight.tensor.elements) for weight in chosen.weights) + steps,
            warnings=tuple(chosen.shared()),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Cluster the weights and save the module."""
        from recipec_clustering._kmeans import cluster_module

        return cluster_module(self, inputs["model"], context)

    def choose(self, table: LayerTable) -> Chosen:
        """Choose the weights with more elements than clusters. Raises OperatorError."""
        chosen = choose_weights(table, self.with_.include, self.with_.exclude)
        larger = tuple(w for w in chosen.weights if w.tensor.elements > self.clusters)
        if not larger:
            raise OperatorError(
                f"no weight has more than {self.clusters} elements: there is nothing to share",
                at=("bits" if self.with_.bits is not None else "clusters",),
            )
        return chosen._replace(weights=larger)

    def clustered(self, table: LayerTable, chosen: Chosen) -> LayerTable:
        """Give the table afterwards. What isn't kept zero may be zero or not."""
        if self.with_.keep_zeros:
            return table
        changed = {id(weight.tensor) for weight in chosen.weights}

        def after(tensor: Tensor) -> Tensor:
            return tensor.without_zeros() if id(tensor) in changed else tensor

        return table.with_layers(
            tuple(row.with_tensors(tuple(map(after, row.tensors))) for row in table.layers)
        )

    def _effects(self, chosen: Chosen, clusters: int) -> Iterator[str]:
        tensors = "1 tensor takes" if len(chosen.weights) == 1 else f"each of {len(chosen.weights)}"
        takes = tensors if len(chosen.weights) == 1 else f"{tensors} tensors takes"
        yield (
            f"{chosen.elements:,} weights are shared: {takes} at most {clusters} values, "
            f"an index of {bits_for(clusters)} bits"
        )
        if self.with_.keep_zeros and (sparse := [w.name for w in chosen.weights if _sparse(w)]):
            yield f"0 is one of the values of {some(sparse)}, and its zeros stay"


def _sparse(weight: Weight) -> bool:
    return not isinstance(weight.tensor.zeros, Unknown) and weight.tensor.zeros > 0
