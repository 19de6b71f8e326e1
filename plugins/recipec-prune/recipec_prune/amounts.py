"""How much is pruned: parameters that masks share, and counts that they make."""

from typing import Annotated

from pydantic import Field

from recipec.api import UNKNOWN, OperatorError, Params, Share, Unknown
from recipec.api.selectors import Selectors


class MaskParams(Params):
    """Parameters of the operators that set weights to zero."""

    amount: Annotated[Share, Field(gt=0, lt=1)] | None = Field(
        None, description="How much is zero afterwards, `50%` or 0.5; or give `count`."
    )
    count: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How many are zero afterwards, as a number; or give `amount`."
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers to prune (glob, `re:…`, `type:…`). Empty, all that "
        "have weights, but for embeddings.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers that stay whole (glob, `re:…`, `type:…`)."
    )


def wanted(params: MaskParams, of: int, what: str) -> int:
    """Give how many of `of` are to be zero: `count`, or the nearest to the share `amount`.

    A half is rounded to the even number, as torch.nn.utils.prune does. Raises OperatorError when
    both or neither are given, and at the one that is given when nothing would be left.
    """
    if (params.amount is None) == (params.count is None):
        both = params.amount is not None
        raise OperatorError(
            "both `amount` and `count` are given" if both else "how much to prune is missing",
            at=("count",) if both else (),
            hint="write one of `amount` (a share) and `count` (a number)",
        )
    if params.amount is not None:
        if (most := round(params.amount * of)) < of:
            return most
        raise OperatorError(
            f"{params.amount:.4g} of {what} is all: it has {of}",
            at=("amount",),
            hint="exclude that layer, or ask for less",
        )
    assert params.count is not None
    if params.count >= of:
        raise OperatorError(
            f"{params.count} are more than can leave: {what} has {of}",
            at=("count",),
            hint="exclude that layer, or ask for less",
        )
    return params.count


def zeros_after(wanted: int, before: int | Unknown) -> int | Unknown:
    """Give a tensor's zeros when at least `wanted` are to be zero and zeros are taken first.

    What is zero already counts. Where that isn't known it is taken to be less than `wanted`, which
    the run checks.
    """
    if not wanted:
        return before
    return wanted if isinstance(before, Unknown) else max(wanted, before)


def newly_zero(after: int | Unknown, before: int | Unknown, wanted: int) -> int | Unknown:
    """Give how many weights a stage sets to zero, UNKNOWN where it isn't known what was zero."""
    if not wanted:
        return 0
    if isinstance(after, Unknown) or isinstance(before, Unknown):
        return UNKNOWN
    return after - before


def total(counts: list[int | Unknown]) -> int | Unknown:
    """Add counts up; UNKNOWN when one of them is."""
    known = [count for count in counts if not isinstance(count, Unknown)]
    return sum(known) if len(known) == len(counts) else UNKNOWN
