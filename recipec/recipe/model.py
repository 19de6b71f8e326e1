"""The recipe's schema: names only, nothing looked up. Parameters under `with:` stay plain here."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from recipec.api.frozen import Frozen
from recipec.recipe.gate import Gate
from recipec.recipe.identifiers import RESERVED_IDS, Identifier, OperatorId
from recipec.recipe.limits import Limits
from recipec.recipe.needed_plugin import NeededPlugin

API_VERSION = "recipec/v1"


class Use(Frozen):
    """An operator and its parameters."""

    uses: OperatorId = Field(description="The operator: `plugin.name`.", examples=["torch.model"])
    with_: dict[str, Any] = Field(
        default_factory=dict, alias="with", description="The operator's parameters."
    )


class Stage(Use):
    """One step of the pipeline."""

    id: Identifier = Field(
        description="A name of your own, unique in the recipe.",
        json_schema_extra={
            "pattern": r"^(?!(?:data|model)$)[a-z][a-z0-9_-]*$",
            "x-recipec-wanted": "a name (not model, not data): lower-case letters, digits, - and "
            "_, beginning with a letter",
        },
    )
    needs: dict[str, Identifier] | Identifier | None = Field(
        default=None,
        description="The stage whose result this one takes, or one stage for each input. "
        "Left out: the stage before.",
    )
    allow_unchanged: bool = Field(
        default=False,
        description="Let the stage pass when it changes nothing (no channel removed, no layer "
        "quantized). Otherwise that is an error.",
    )
    isolation: Literal["process"] | None = Field(
        default=None,
        description="`process`: the stage runs in a process of its own; what it does there can't "
        "harm the others.",
    )
    limits: Limits | None = Field(
        default=None,
        description="What the stage may take, in a process of its own.",
        examples=[{"time": "10min", "memory": "4GiB"}],
    )

    @model_validator(mode="after")
    def _not_reserved(self) -> "Stage":
        if self.id in RESERVED_IDS:
            raise PydanticCustomError(
                "reserved_id", "a stage can't be called {id}", {"id": repr(self.id)}
            )
        return self


class Measure(Frozen):
    """What is measured after every stage that makes a model."""

    data: str | None = Field(
        default=None, description="The name under `data:` that accuracy is measured on."
    )
    metrics: tuple[str | dict[str, dict[str, Any]], ...] = Field(
        description="Metric families, each a name or `name: {option: value}`.",
        examples=[["size", "accuracy", {"latency": {"batch": [1, 32]}}]],
    )


def _stated(reason: str) -> str:
    if not reason.strip():
        raise PydanticCustomError(
            "malformed_reason",
            "a silence must say why it is fine here",
            {"hint": "for example: only speed counts in this recipe"},
        )
    return reason


class Silence(Frozen):
    """A lint that is silenced on purpose."""

    lint: str = Field(
        description="The lint's code, as the plan shows it (`recipec explain` lists all).",
        examples=["channels-unaligned"],
    )
    stage: Identifier | None = Field(
        default=None, description="The stage it is silenced on; left out: everywhere."
    )
    reason: Annotated[str, AfterValidator(_stated)] = Field(
        description="Why it is fine here; the plan shows it.",
        examples=["it is run on another machine"],
        json_schema_extra={"pattern": r"\S"},
    )


class RecipeSpec(Frozen):
    """A recipe: how a trained model becomes smaller and faster."""

    apiVersion: Literal["recipec/v1"] = Field(  # noqa: N815 (the name is the file format's)
        description="The version of the recipe format."
    )
    name: Identifier = Field(description="The recipe's name; runs go to `runs/NAME`.")
    description: str | None = Field(default=None, description="What the recipe is for.")
    vars: dict[str, Any] = Field(
        default_factory=dict,
        description="Values used as `${vars.NAME}`: a value, or "
        "`{default, description, choices, min, max}`.",
    )
    seed: int = Field(default=0, ge=0, lt=2**32, description="Seed of everything random.")
    threads: int = Field(
        default=1, ge=1, le=1024, description="CPU threads that computations may use."
    )
    plugins: dict[Identifier, NeededPlugin] = Field(
        default_factory=dict,
        description="Plugins that the recipe needs, each with the versions that will do, or with "
        "`{version, package}`.",
        examples=[{"acme": ">=1.2,<2"}],
    )
    model: Use = Field(description="Where the model comes from.")
    data: dict[Identifier, Use] = Field(
        default_factory=dict, description="Data sets by name; stages name the one they use."
    )
    measure: Measure | None = Field(default=None, description="What is measured, and on what.")
    baseline: Identifier | None = Field(
        default=None, description="The stage that all others are compared with."
    )
    stages: tuple[Stage, ...] = Field(min_length=1, description="The steps, in order.")
    outputs: tuple[Identifier, ...] = Field(
        default=(), description="Stages whose artifacts the recipe promises; default: the last."
    )
    gates: tuple[Gate, ...] = Field(default=(), description="Conditions on the results.")
    silence: tuple[Silence, ...] = Field(
        default=(), description="Lints that are silenced, each with a reason."
    )
