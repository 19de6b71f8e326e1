"""The recipe's schema: names only, nothing looked up. Parameters under `with:` stay plain here."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from recipec.api.frozen import Frozen
from recipec.api.units import Points, Ratio

API_VERSION = "recipec/v1"


def _matching(pattern: str, example: str, wanted: str) -> list[Any]:
    """Make the annotations of text that must match a pattern, with an error in words."""

    def check(value: str) -> str:
        if len(value) > 100 or not re.fullmatch(pattern, value):
            raise PydanticCustomError(
                "malformed_name",
                "{value} is not {wanted}",
                {"value": repr(value), "wanted": wanted, "hint": f"for example {example}"},
            )
        return value

    return [AfterValidator(check), Field(json_schema_extra={"pattern": f"^{pattern}$"})]


Identifier = Annotated[
    str,
    *_matching(
        r"[a-z][a-z0-9_-]*",
        "seven-steps",
        "a name: lower-case letters, digits, - and _, beginning with a letter",
    ),
]
OperatorId = Annotated[
    str,
    *_matching(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_.]*", "prune.channels", "an operator: plugin.name"),
]
RESERVED_IDS = frozenset({"model", "data"})


class Use(Frozen):
    """An operator and its parameters."""

    uses: OperatorId = Field(description="The operator: `plugin.name`.", examples=["torch.model"])
    with_: dict[str, Any] = Field(
        default_factory=dict, alias="with", description="The operator's parameters."
    )


class Stage(Use):
    """One step of the pipeline."""

    id: Identifier = Field(description="A name of your own, unique in the recipe.")
    needs: dict[str, Identifier] | Identifier | None = Field(
        default=None,
        description="The stage whose result this one takes, or one stage for each input. "
        "Left out: the stage before.",
    )

    @model_validator(mode="after")
    def _not_reserved(self) -> Stage:
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


class Gate(Frozen):
    """A condition that the result must meet, or the run exits 5."""

    stage: Identifier = Field(description="The stage whose metric is judged.")
    metric: str = Field(description="An exact metric name.", examples=["accuracy", "size.disk"])
    against: Identifier | None = Field(
        default=None,
        description="The stage to compare with (`max_drop`, `min_ratio`); default: `baseline`.",
    )
    max_drop: Points | None = Field(
        default=None,
        description="How far a share may fall below the other stage's, in percentage points.",
        examples=["1pp"],
    )
    min_ratio: Ratio | None = Field(
        default=None,
        description="How many times better than the other stage's: smaller, faster or higher.",
        examples=["3x"],
    )
    min: float | None = Field(default=None, description="The least value, in the metric's unit.")
    max: float | None = Field(default=None, description="The largest value, in the metric's unit.")

    @model_validator(mode="after")
    def _one_condition(self) -> Gate:
        if len(self.conditions) != 1:
            raise PydanticCustomError(
                "gate_conditions",
                "a gate needs exactly one of max_drop, min_ratio, min and max; this one has {n}",
                {"n": len(self.conditions)},
            )
        return self

    @property
    def conditions(self) -> dict[str, str | float]:
        """The conditions that are given, by name."""
        named = ("max_drop", "min_ratio", "min", "max")
        return {name: value for name in named if (value := getattr(self, name)) is not None}


class Silence(Frozen):
    """A lint that is silenced on purpose."""

    lint: str = Field(description="The lint's code, as the plan shows it.")
    stage: Identifier | None = Field(
        default=None, description="The stage it is silenced on; left out: everywhere."
    )
    reason: str = Field(min_length=1, description="Why it is fine here; the plan shows it.")


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
