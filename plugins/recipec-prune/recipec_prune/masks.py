"""What operators that set weights to zero have in common: ports, and a plan around their counts."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple, TypeVar

from recipec.api import (
    UNKNOWN,
    Facts,
    LayerTable,
    Operator,
    Params,
    PlanContext,
    Port,
    Requirement,
    StagePlan,
    TorchModule,
    Trait,
    Unknown,
)
from recipec_prune.weights import Chosen

INSTALL: Final = 'pip install "recipec[torch]"'
NO_SPEED_UP: Final = "masks only: no speed-up on dense kernels"
P = TypeVar("P", bound=Params)


class Decided(NamedTuple):
    """What becomes of the chosen weights.

    `wanted` says by full name how many units of each (weights, channels) are to be zero, `zeros`
    how many of its elements are zero then; `changed` counts what the stage itself sets to zero.
    """

    chosen: Chosen
    wanted: Mapping[str, int]
    zeros: Mapping[str, int | Unknown]
    changed: int | Unknown
    effects: tuple[str, ...]


class Masking(Operator[P]):
    """Sets weights to zero for good: shapes stay, and neither mask nor hook is left behind."""

    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module to prune")}
    outputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchModule, "the same module, with weights that are zero")
    }
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"masks"})
    zeroes: ClassVar[str]
    """What `changed` counts: "weights zeroed"."""

    @abstractmethod
    def decide(self, table: LayerTable) -> Decided:
        """Decide from the layer table what is set to zero. Raises OperatorError."""

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """State how many weights of each tensor are zero afterwards, as far as that is known."""
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        if isinstance(model.layers, Unknown):
            return StagePlan(
                {"model": model},
                ("which weights there are is known after the stages before", NO_SPEED_UP),
                changed={self.zeroes: UNKNOWN},
            )
        decided = self.decide(model.layers)
        layers = model.layers.with_zeros(decided.zeros)
        return StagePlan(
            {"model": model.model_copy(update={"layers": layers})},
            (*decided.effects, *decided.chosen.sentences(), NO_SPEED_UP),
            changed={self.zeroes: decided.changed},
            matched=decided.chosen.matched,
            warnings=tuple(decided.chosen.warnings()),
        )
