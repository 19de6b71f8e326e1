"""Types of parameters that point at something outside the parameters.

recipec finds them anywhere in an operator's `Params`, also in nested ones. `StageRef` and `DataRef`
become edges of the plan: the artifact arrives in `inputs` under the parameter's place
(`"teacher"`, `"calibration.data"`). `LocalFile` and `ImportString` are checked when the plan is
made, and what enters the stage's key is the digest of the bytes or code behind them.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Reference(str):
    """A string that names something; each kind of reference is a subclass."""

    says: ClassVar[str]
    """What the JSON Schema tells an editor."""
    pattern: ClassVar[str] = r"^\S(.*\S)?$"
    wanted: ClassVar[str]
    """What a value that doesn't fit the pattern should have been."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._checked, core_schema.str_schema(), serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": cls.pattern,
            "x-recipec-reference": cls.says,
            "x-recipec-wanted": cls.wanted,
        }

    @classmethod
    def _checked(cls, value: str) -> Reference:
        if not re.match(cls.pattern, value):
            context = {"value": repr(value), "wanted": cls.wanted}
            if meant := cls._meant(value):
                context["hint"] = f"did you mean {meant!r}?"
            raise PydanticCustomError("malformed_reference", "{value} is not {wanted}", context)
        return cls(value)

    @classmethod
    def _meant(cls, value: str) -> str | None:
        """Guess what would have been right; None when there is no telling."""
        return None


class StageRef(Reference):
    """The id of another stage, whose artifact is wanted."""

    says = "stage"
    wanted = "the id of a stage"


class DataRef(Reference):
    """A name under the recipe's `data:`."""

    says = "data"
    wanted = "a name under `data:`"


class LocalFile(Reference):
    """A file or folder, relative to the recipe. Its bytes, not its name, enter the key."""

    says = "file"
    wanted = "a path"


class ImportString(Reference):
    """Python code: `package.module:name`, or `file.py:name` with a file beside the recipe."""

    says = "code"
    pattern = r"^(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|[^:]+\.py):[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$"
    wanted = "an import string such as 'package.module:name' or 'model.py:Net'"

    @classmethod
    def _meant(cls, value: str) -> str | None:
        package, dot, name = value.rpartition(".")
        guess = f"{value}:Net" if name == "py" else f"{package}:{name}"
        return guess if dot and re.match(cls.pattern, guess) else None

    @property
    def module(self) -> str:
        return self.rpartition(":")[0]

    @property
    def name(self) -> str:
        return self.rpartition(":")[2]

    @property
    def is_file(self) -> bool:
        return self.module.endswith(".py")
