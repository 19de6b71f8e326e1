"""The long form of an entry of `vars:`, apart from the other models: most recipes have one."""

from typing import Annotated, Any, Literal

from pydantic import Field

from recipec.api.frozen import Frozen

VariableType = Literal["string", "number", "integer", "boolean", "list", "mapping"]
Number = Annotated[float, Field(strict=True)]


class Variable(Frozen):
    """The long form of an entry of `vars:`; a mapping with `type`, `default` or `description`."""

    type: VariableType | None = Field(
        default=None,
        description="What values may be; text from `--set` and the environment is converted.",
        examples=["number"],
    )
    default: Any = Field(
        default=None,
        description="The value unless `--set`, a preset or the matrix gives another. Left out: the "
        "variable must be given.",
        examples=[0.5],
    )
    description: str | None = Field(
        default=None,
        description="What the variable means, and its unit.",
        examples=["share of each layer's channels that leave"],
    )
    choices: Annotated[list[Any], Field(min_length=1)] | None = Field(
        default=None, description="All values that are allowed.", examples=[["l1", "l2"]]
    )
    min: Number | None = Field(default=None, description="The least number that is allowed.")
    max: Number | None = Field(default=None, description="The largest number that is allowed.")
