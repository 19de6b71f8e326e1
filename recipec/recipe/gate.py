"""A gate as a recipe states it. What its numbers mean depends on the metric: a plan reads them."""

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from recipec.api.frozen import Frozen
from recipec.api.known_units import COUNT, DURATION, RATE, SIZE
from recipec.api.notation import shown
from recipec.api.quantities import NUMBER, problem, split
from recipec.api.units import Drop, Ratio
from recipec.recipe.identifiers import Identifier

COMPARING: Final = ("max_drop", "min_ratio")
"""The conditions that compare a stage with another one."""
CONDITIONS: Final = (*COMPARING, "min", "max")


def _bound(value: object) -> object:
    parts = split(value)
    if parts is None:
        raise problem(
            "unit_value",
            f"{shown(value)} is not a quantity",
            "write a number with the metric's unit: '5ms', '64MiB', '97%', '1000/s', or a count",
        )
    if parts[0]:
        raise problem("unit_value", f"no metric is negative, and {shown(value)} is")
    return value


_UNITS = (*DURATION.units, *SIZE.units, *RATE.units, *COUNT.units, "%")
Bound = Annotated[
    int | float | str,
    BeforeValidator(_bound),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {
                    "type": "string",
                    "pattern": rf"^\s*{NUMBER}\s*(?:{'|'.join(_UNITS)})?\s*$",
                    "x-recipec-wanted": "a number with the metric's unit",
                },
            ],
        }
    ),
]


class Gate(Frozen):
    """A condition that the result must meet, or the run exits 5."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [name]} for name in CONDITIONS],
            "dependentSchemas": {"against": {"anyOf": [{"required": [n]} for n in COMPARING]}},
        }
    )

    stage: Identifier = Field(description="The stage whose metric is judged.")
    metric: str = Field(description="An exact metric name.", examples=["accuracy", "size.disk"])
    against: Identifier | None = Field(
        default=None,
        description="The stage to compare with (`max_drop`, `min_ratio`); default: `baseline`.",
    )
    max_drop: Drop | None = Field(
        default=None,
        description="How far the metric may fall below the other stage's: `1pp` is from 97% to "
        "96%, `1%` is a hundredth of the other's value.",
        examples=["1pp", "1%"],
    )
    min_ratio: Ratio | None = Field(
        default=None,
        description="How many times better than the other stage's: smaller, faster or higher.",
        examples=["3x"],
    )
    min: Bound | None = Field(
        default=None,
        description="The least value, with the metric's unit: `97%`, `1000/s`; a count is bare.",
        examples=["97%", "1000/s"],
    )
    max: Bound | None = Field(
        default=None,
        description="The largest value, with the metric's unit: `5ms`, `64MiB`; a count is bare.",
        examples=["5ms", "64MiB", "25.6M"],
    )

    @model_validator(mode="after")
    def _one_condition(self) -> "Gate":
        given = [name for name in CONDITIONS if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "has none of them"
            raise PydanticCustomError(
                "gate_conditions",
                "a gate needs exactly one of max_drop, min_ratio, min and max; this one {found}",
                {
                    "found": found,
                    "hint": "write two gates" if given else "for example max_drop: 1pp",
                },
            )
        if self.against is not None and given[0] not in COMPARING:
            raise PydanticCustomError(
                "gate_against",
                "a gate with {condition} compares with no stage, and this one has `against`",
                {"condition": given[0], "hint": "leave `against` out, or write max_drop: 1pp"},
            )
        return self

    @property
    def condition(self) -> tuple[str, Any]:
        """The condition's name and value, as the recipe writes them."""
        return next(
            (name, value) for name in CONDITIONS if (value := getattr(self, name)) is not None
        )
