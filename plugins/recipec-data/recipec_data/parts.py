"""Which of a source's samples are meant: a role, a part held out for validation, a smaller share.

This half only counts; `_parts.py` draws the same numbers of rows.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from recipec.api import OperatorError
from recipec.api.notation import shown
from recipec.api.quantities import problem
from recipec.api.shares import percentages
from recipec.api.units import parse_share
from recipec_data.drawing import DrawParams

Split = Literal["train", "validation", "test"]


def _holdout(value: object) -> int | str:
    """Check a number of samples, or a share of them, which stays as it is written."""
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]+\s*", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.rstrip().endswith("%"):
        if parse_share(value) in (0.0, 1.0):
            raise problem("unit_value", "some samples must be held out, and some must stay")
        return value
    hint = "write how many, such as 5000, or a share of all, such as '10%'"
    if isinstance(value, float) and 0 < value < 1:
        percent = f"{value * 100:g}%"
        message = f"{value} could be {percent} of the samples, and a number of them is whole"
        raise problem("unit_missing", message, f"write '{percent}'")
    raise problem("unit_value", f"{shown(value)} is no number of samples", hint)


Holdout = Annotated[
    int | str,
    BeforeValidator(_holdout),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {
                    "type": "string",
                    "pattern": percentages(none=False, all=False),
                    "x-recipec-wanted": "a percentage such as 10%",
                },
            ],
            "examples": [5000, "10%"],
        }
    ),
]


def held_out(holdout: int | str, total: int) -> int:
    """Give the number of samples that `holdout` is of `total`; a share is rounded."""
    return round(parse_share(holdout) * total) if isinstance(holdout, str) else holdout


class PartParams(DrawParams):
    """Parameters of a source that can be divided. Rows are drawn in the same way at every call."""

    split: Split | None = Field(
        None,
        description="What the samples are for. With `holdout`, `train` is what isn't held out and "
        "`validation` what is; without it, all samples serve this purpose.",
    )
    holdout: Holdout = Field(
        0,
        description="How many samples are held out of a training set for validation, drawn at "
        "random and always the same: their number, or a share of all (`10%`). Write the same for "
        "both splits.",
    )

    def part_count(self, total: int) -> int:
        """Give the number of samples of the part, of `total` in the source. Raises OperatorError
        at the parameter that can't be met."""
        count = total
        if self.holdout:
            if self.split not in ("train", "validation"):
                raise OperatorError(
                    "`holdout` divides a training set, so it needs `split`",
                    at=("holdout",),
                    hint="write split: train for what stays, or split: validation for what is "
                    "held out",
                )
            held = held_out(self.holdout, total)
            if not 0 < held < total:
                raise OperatorError(f"{held} samples can't be held out of {total}", at=("holdout",))
            count = held if self.split == "validation" else total - held
        return self.drawn_count(count)

    @property
    def part(self) -> dict[str, Any]:
        """The keyword arguments of `_parts.rows`."""
        return {
            "split": self.split,
            "holdout": self.holdout,
            "take": self.take,
            "skip": self.skip,
        }
