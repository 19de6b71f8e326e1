"""A smaller share of a source's samples: how many are left out, and how many are taken."""

from typing import Any

from pydantic import Field

from recipec.api import OperatorError, Params


class DrawParams(Params):
    """Samples in an order that is drawn at random once and is the same at every call."""

    take: int | None = Field(
        None,
        ge=1,
        description="Use only this many of the samples, drawn at random and always the same; "
        "null for all of them.",
    )
    skip: int = Field(
        0,
        ge=0,
        description="Leave out this many of the samples first: `skip: 120` is what `take: 120` "
        "doesn't take.",
    )

    def drawn_count(self, total: int) -> int:
        """Give how many of `total` samples are used. Raises OperatorError at the parameter that
        can't be met."""
        left = total - self.skip
        if left < 1:
            raise OperatorError(f"there are only {total} samples to skip", at=("skip",))
        if self.take is not None and self.take > left:
            raise OperatorError(f"there are only {left} samples to take", at=("take",))
        return self.take or left


class SubsetParams(DrawParams):
    """A drawn part of a labelled set, with or without its labels: for few labels and a teacher.

    Unlike those of other sources, the samples are drawn class by class in turn, so that few
    labels have all classes.
    """

    draw: int = Field(
        0,
        ge=0,
        description="Which drawing `take` and `skip` go by: another number takes other samples. "
        "Every class has its share in each, to one sample.",
    )
    labels: bool = Field(
        True, description="false leaves the labels out, as if nobody had made them."
    )

    @property
    def subset(self) -> dict[str, Any]:
        """The keyword arguments of `_subset.Subset`."""
        return {
            "take": self.take,
            "skip": self.skip,
            "draw": self.draw,
            "labelled": self.labels,
        }
