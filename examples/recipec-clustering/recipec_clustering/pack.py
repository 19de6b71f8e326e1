"""`clustering.pack`: clustered weights become indices into codebooks."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
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
    TorchModule,
    Unknown,
)
from recipec.api.selectors import Selectors
from recipec_clustering.kind import Codebook, Codebooks
from recipec_clustering.layout import file_bytes, laid_out, packed_bytes
from recipec_clustering.weights import TORCH, Chosen, Weight, choose_weights, some, sorting


class PackParams(Params):
    """Parameters of `clustering.pack`."""

    bits: int | None = Field(
        None,
        ge=1,
        le=8,
        description="Bits of an index, for every chosen tensor: the plan then states the file's "
        "size. null: for each tensor as few as its values need; one with more than 256, or that "
        "would get no smaller, stays as it is.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers to pack (glob, `re:…`, `type:…`). Empty, all with a "
        "weight of two dimensions or more are.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that are stored as they are (glob, `re:…`, `type:…`)."
    )


class Pack(Operator[PackParams]):
    """Stores each clustered tensor as a codebook and an index for each element.

    Nothing is lost: `clustering.unpack` gives equal weights. The number of bytes is that of Han et
    al. (arXiv:1510.00149), equation 1: n elements of b bits, and 2^b values.
    """

    id = "clustering.pack"
    version = 1
    summary = "Clustered weights become indices of a few bits into codebooks: a small file"
    params = PackParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "a clustered module")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(Codebooks, "codebooks and indices")}
    requires = TORCH

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """State the size of the file, if `bits` is given."""
        model, bits = inputs["model"], self.with_.bits
        assert isinstance(model, TorchModule)
        if isinstance(model.layers, Unknown):
            return StagePlan({"model": facts_of(model)})
        chosen = self.choose(model.layers)
        made = facts_of(model)
        effects = ["how many bits each tensor needs is known after the run"]
        if bits is not None:
            packed = self.packed(chosen, dict.fromkeys((w.name for w in chosen.weights), bits))
            made = facts_of(model, model.layers, packed)
            effects = list(self._effects(chosen, made))
        work = sum(sorting(weight.tensor.elements) for weight in chosen.weights)
        return StagePlan({"model": made}, tuple(effects), chosen.matched, work=work)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Write the file."""
        from recipec_clustering._pack import pack

        return pack(self, inputs["model"], context)

    def choose(self, table: LayerTable) -> Chosen:
        """Choose the weights. Raises OperatorError at a selector."""
        return choose_weights(table, self.with_.include, self.with_.exclude)

    def packed(self, chosen: Chosen, bits: Mapping[str, int]) -> tuple[Codebook, ...]:
        """Give those that get smaller. Raises OperatorError when `bits` is given and none does."""
        packed = tuple(
            Codebook(name=weight.name, bits=bits[weight.name], elements=weight.tensor.elements)
            for weight in chosen.weights
            if weight.name in bits and _shrinks(weight, bits[weight.name])
        )
        if not packed and self.with_.bits is not None:
            raise OperatorError(
                "no weight would get smaller",
                at=("bits",),
                hint="cluster the weights before, with clustering.kmeans",
            )
        return packed

    def _effects(self, chosen: Chosen, made: Codebooks) -> Iterator[str]:
        assert not isinstance(made.codebooks, Unknown)
        assert not isinstance(made.file_bytes, Unknown)
        assert not isinstance(made.dense_bytes, Unknown)
        names = {codebook.name for codebook in made.codebooks}
        yield (
            f"{sum(c.elements for c in made.codebooks):,} weights of {len(names)} tensors are "
            f"stored as indices of {self.with_.bits} bits"
        )
        yield (
            f"the file has {made.file_bytes:,} bytes: {made.dense_bytes / made.file_bytes:.2f} "
            f"times less than the {made.dense_bytes:,} of all tensors"
        )
        if dense := [weight.name for weight in chosen.weights if weight.name not in names]:
            yield f"stored as they are, since indices would be larger: {some(dense)}"


def facts_of(
    model: TorchModule,
    table: LayerTable | None = None,
    packed: tuple[Codebook, ...] = (),
) -> Codebooks:
    """Give the facts of a packed model; sizes are UNKNOWN without a table."""
    made = Codebooks(
        inputs=model.inputs,
        outputs=model.outputs,
        layers=model.layers,
        precision=model.precision,
        quantization=model.quantization,
    )
    if table is None:
        return made
    stored = laid_out(table, {codebook.name: codebook.bits for codebook in packed})
    sizes = {"codebooks": packed, "file_bytes": file_bytes(stored), "dense_bytes": table.bytes}
    return made.model_copy(update=sizes)


def _shrinks(weight: Weight, bits: int) -> bool:
    tensor = weight.tensor
    return packed_bytes(tensor.elements, bits, tensor.dtype) < tensor.bytes
