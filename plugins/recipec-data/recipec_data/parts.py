"""Which of a source's samples are meant: a role, a part held out for validation, a smaller share.

This half only counts; `_parts.py` draws the same numbers of rows.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from recipec.api import OperatorError, Params

Split = Literal["train", "validation", "test"]


class PartParams(Params):
    """Parameters of a source that can be divided. Rows are drawn in the same way at every call."""

    split: Split | None = Field(
        None,
        description="What the samples are for. With `holdout`, `train` is what isn't held out and "
        "`validation` what is; without it, all samples serve this purpose.",
    )
    holdout: int = Field(
        0,
        ge=0,
        description="How many samples are held out of a training set for validation, drawn at "
        "random and always the same. Write the same number for both splits.",
    )
    take: int | None = Field(
        None,
        ge=1,
        description="Use only this many of the samples, drawn at random and always the same; "
        "null for all of them.",
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
            if self.holdout >= total:
                raise OperatorError(
                    f"{self.holdout} samples can't be held out of {total}", at=("holdout",)
                )
            count = self.holdout if self.split == "validation" else total - self.holdout
        if self.take is not None and self.take > count:
            raise OperatorError(f"there are only {count} samples to take", at=("take",))
        return self.take or count

    @property
    def part(self) -> dict[str, Any]:
        """The keyword arguments of `_parts.rows`."""
        return {"split": self.split, "holdout": self.holdout, "take": self.take}
