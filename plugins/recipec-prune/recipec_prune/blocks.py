"""`prune.blocks`: whole residual blocks leave."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    DataRef,
    DataSamples,
    Facts,
    LayerTable,
    Learning,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    Share,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.blocks import without_blocks
from recipec.api.data import inputs_mismatch
from recipec.api.selectors import Selectors
from recipec_prune.candidates import Candidates, among, named
from recipec_prune.masks import INSTALL
from recipec_prune.weights import some


class BlocksParams(Params):
    """Parameters of `prune.blocks`."""

    amount: Annotated[Share, Field(gt=0, le=1)] | None = Field(
        None,
        description="Share of the removable blocks that leaves, `50%` or 0.5, rounded to the "
        "nearest number (a half to the even one); or give `count` or `blocks`.",
    )
    count: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How many blocks leave; or give `amount` or `blocks`."
    )
    blocks: tuple[str, ...] = Field(
        (),
        description="The blocks that leave, by name: no data is looked at, and the plan is exact. "
        "Or give `amount` or `count`.",
        examples=[["layer1.1", "layer2.1"]],
    )
    data: DataRef | None = Field(
        None,
        description="The data on which it is seen how much each block changes its input: training "
        "data, never the test. Needed with `amount` and `count`.",
    )
    samples: int = Field(256, ge=1, description="How many samples, taken in a seeded random order.")
    batch_size: int = Field(32, ge=1, description="How many samples are looked at a time.")
    measure: Literal["relative_norm", "cosine"] = Field(
        "relative_norm",
        description="How much a block changes its input x to f(x): the mean of ‖f(x) − x‖ / ‖x‖ "
        "over samples, or 1 minus the mean cosine of the angle between x and f(x) (ShortGPT's "
        "block influence). Of a sequence [N, T, D] each token counts by itself.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of layers (glob, `re:…`, `type:…`): blocks that have one of them "
        "may leave. Empty, all may.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers: blocks that have one of them stay."
    )


class Blocks(Operator[BlocksParams]):
    """Removes the residual blocks that change their input least; the model gets less deep.

    A block is a module whose output has its input's shape and is that input with something added;
    it is found by following a tensor through the model. What is left without it is the shortcut.
    Veit et al., "Residual Networks Behave Like Ensembles of Relatively Shallow Networks", NeurIPS
    2016, arXiv:1605.06431; Men et al., "ShortGPT: Layers in Large Language Models are More
    Redundant Than You Expect", 2024, arXiv:2403.03853 (eq. 1).
    """

    id = "prune.blocks"
    version = 1
    summary = "Whole residual blocks leave, those that change their input least"
    params = BlocksParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module to prune")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the less deep module")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"prunes"})
    removes: ClassVar[str] = "blocks removed"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Fix how many blocks leave; which ones where the recipe says it."""
        model, data = inputs["model"], inputs.get("data")
        assert isinstance(model, TorchModule)
        self._check_params()
        if isinstance(data, DataSamples) and (reason := inputs_mismatch(model.inputs, data.inputs)):
            raise OperatorError(reason, at=("data",))
        learns_from = (
            {} if data is None else {"data": Learning(how="selects", samples=self.with_.samples)}
        )
        table = model.layers
        if isinstance(table, Unknown) or isinstance(table.blocks, Unknown):
            return StagePlan(
                {"model": model.model_copy(update={"layers": UNKNOWN})},
                ("which blocks can leave is known after the run",),
                learns_from=learns_from,
                changed={self.removes: UNKNOWN},
            )
        found = self.candidates(table)
        layers: LayerTable | Unknown = UNKNOWN
        if found.settled:
            layers = without_blocks(table, found.names if found.leave else ())
        return StagePlan(
            {"model": model.model_copy(update={"layers": layers})},
            tuple(self._effects(table, found)),
            found.matched,
            learns_from,
            self._work(table, data),
            changed={self.removes: found.leave},
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """See what the blocks change, remove those that change least, and save what is left."""
        from recipec_prune._blocks import prune

        return prune(self, inputs, context)

    def candidates(self, table: LayerTable) -> Candidates:
        """Say which blocks may leave, and how many do. Raises OperatorError."""
        with_ = self.with_
        if with_.blocks:
            return named(table, with_.blocks)
        return among(table, with_.amount, with_.count, with_.include, with_.exclude)

    def _check_params(self) -> None:
        with_ = self.with_
        given = {
            "amount": with_.amount is not None,
            "count": with_.count is not None,
            "blocks": bool(with_.blocks),
        }
        said = [name for name, is_given in given.items() if is_given]
        if len(said) != 1:
            raise OperatorError(
                f"{' and '.join(f'`{name}`' for name in said)} are given together"
                if said
                else "how much to prune is missing",
                at=(said[-1],) if said else (),
                hint="write one of `amount` (a share), `count` (a number) and `blocks` (names)",
            )
        if with_.blocks:
            if unused := [n for n in ("data", "include", "exclude") if getattr(with_, n)]:
                raise OperatorError(
                    f"`{unused[0]}` says nothing where `blocks` are named", at=(unused[0],)
                )
        elif with_.data is None:
            raise OperatorError(
                "there is no data to see on what the blocks change",
                hint="write data: with a name under `data:`, or name the `blocks`",
            )

    def _work(self, table: LayerTable, data: Facts | None) -> int | None:
        if not isinstance(data, DataSamples):
            return 0
        if isinstance(data.count, Unknown):
            return None
        return min(self.with_.samples, data.count) * table.macs

    def _effects(self, table: LayerTable, found: Candidates) -> Iterator[str]:
        sizes = sorted(found.parameters.values())
        least, most = sum(sizes[: found.leave]), sum(sizes[len(sizes) - found.leave :])
        if found.settled:
            leave = "block leaves" if found.leave == 1 else "blocks leave"
            names = f": {some(found.names, 12)}" if found.leave else ""
            yield f"{found.leave or 'no'} residual {leave}{names}"
            if not found.leave:
                return
        else:
            yield (
                f"{found.leave} of {len(found.blocks)} residual blocks leave, those that change "
                f"their input least on {self.with_.samples} samples of {self.with_.data}"
            )
            yield f"which ones of {some(found.names, 12)} is known after the run"
        went = f"{least:,}" if least == most else f"{least:,} to {most:,}"
        yield f"{went} of {table.parameters:,} parameters leave with them"
