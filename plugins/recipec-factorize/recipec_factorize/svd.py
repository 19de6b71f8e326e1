"""`factorize.svd`: linear layers and 1×1 convolutions as products of two thin ones."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

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
    Requirement,
    RunContext,
    Share,
    StagePlan,
    StageResult,
    TensorSpec,
    TorchModule,
    Unknown,
)
from recipec.api.replaceable import Replaceable, kept
from recipec.api.selectors import Selectors
from recipec_factorize.ranks import (
    choose_factorizable,
    factorized,
    full_rank,
    rank_of,
    shrinks,
)

INSTALL = 'pip install "recipec[torch]"'
FACTORISED = "layers factorized"


class SvdParams(Params):
    """Parameters of `factorize.svd`: one of `rank`, `share`, `parameters` and `energy`."""

    rank: int | None = Field(None, ge=1, description="The rank of every layer.")
    share: Annotated[Share, Field(gt=0, lt=1)] | None = Field(
        None, description="The rank, as a share of the smaller side of each weight."
    )
    parameters: Annotated[Share, Field(gt=0, lt=1)] | None = Field(
        None,
        description="The largest rank at which no more than this share of each weight's elements "
        "is left (but at least 1).",
    )
    energy: Annotated[Share, Field(gt=0, lt=1)] | None = Field(
        None,
        description="The smallest rank that keeps this share of the sum of squares of each weight. "
        "It depends on the weights, so shapes are known after the run.",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers to factorize (glob, `re:…`, `type:…`). Empty, all "
        "linear layers and 1×1 convolutions are.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay as they are (glob, `re:…`, `type:…`)."
    )


class Svd(Operator[SvdParams]):
    """Cut each weight's singular values: two thin layers do the work of one, nearly."""

    id = "factorize.svd"
    version = 1
    summary = "Linear layers and 1×1 convolutions become products of two thin layers"
    params = SvdParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module to factorize")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the smaller module")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Fix the rank of each layer, unless it depends on the weights."""
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        self._check_one()
        if isinstance(model.layers, Unknown):
            return StagePlan({"model": model}, changed={FACTORISED: UNKNOWN})
        chosen = self.choose(model.layers, model.inputs)
        if self.with_.energy is not None and chosen.layers:
            made = model.model_copy(update={"layers": UNKNOWN})
            about = f"ranks of {len(chosen.layers)} layers are known after the run"
            return StagePlan(
                {"model": made},
                effects=(about, *chosen.said),
                changed={FACTORISED: UNKNOWN},
                matched=chosen.matched,
            )
        ranks = self.ranks(chosen)
        table = factorized(model.layers, ranks)
        return StagePlan(
            {"model": model.model_copy(update={"layers": table})},
            effects=tuple(self._effects(chosen, ranks)),
            changed={FACTORISED: len(ranks)},
            matched=chosen.matched,
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Decompose the weights and put both factors in each layer's place."""
        from recipec_factorize._svd import factorize

        return factorize(self, inputs["model"], context)

    def choose(self, table: LayerTable, inputs: tuple[TensorSpec, ...] | Unknown) -> Replaceable:
        """Choose the layers. Raises OperatorError at a selector."""
        return choose_factorizable(table, inputs, self.with_.include, self.with_.exclude)

    def ranks(self, chosen: Replaceable) -> dict[str, int]:
        """Give the ranks of the layers that shrink, by name; `energy` is for the run."""
        with_ = self.with_
        asked = [
            (row, rank_of(row, with_.rank, with_.share, with_.parameters)) for row in chosen.layers
        ]
        return {row.name: rank for row, rank in asked if shrinks(row, rank)}

    def _check_one(self) -> None:
        names = ("rank", "share", "parameters", "energy")
        given = [name for name in names if getattr(self.with_, name) is not None]
        if len(given) == 1:
            return
        told = f"{' and '.join(given)} are given" if given else "none is given"
        raise OperatorError(
            f"what decides the rank is one of {', '.join(names)}, and {told}",
            at=(given[1],) if given else (),
            hint="for example `parameters: 50%`",
        )

    def _effects(self, chosen: Replaceable, ranks: Mapping[str, int]) -> Iterator[str]:
        smaller = [row for row in chosen.layers if row.name in ranks]
        if smaller:
            before = sum(row.weight.elements for row in smaller if row.weight)
            after = sum(
                ranks[row.name] * sum(row.weight.shape[:2]) for row in smaller if row.weight
            )
            low, high = min(ranks.values()), max(ranks.values())
            layers = f"{len(smaller)} layers become" if len(smaller) > 1 else "1 layer becomes"
            yield (
                f"{layers} two thin ones, at rank {low if low == high else f'{low} to {high}'}: "
                f"{before:,} weights become {after:,} ({after / before:.0%}), as do multiply-adds"
            )
        else:
            yield "no layer is factorized"
        larger = [row for row in chosen.layers if row.name not in ranks]
        reason = "two factors would be no smaller, its full rank being {}"
        stay: dict[str, list[str]] = {}
        for row in larger:
            stay.setdefault(reason.format(full_rank(row)), []).append(row.name)
        yield from kept({**stay, **chosen.kept})
