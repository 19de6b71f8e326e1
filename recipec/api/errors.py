"""How an operator says that something is wrong."""

from __future__ import annotations


class OperatorError(Exception):
    """A problem that the recipe's author can understand and mend; raised by `plan()` and `run()`.

    `at` is the place below the stage's `with:`, for example `("calibration", "samples")`; recipec
    points at that line of the recipe. `hint` says what to write or do instead. `more` are other
    problems, independent of this one, that were found with it.
    """

    def __init__(
        self,
        message: str,
        *,
        at: tuple[str | int, ...] = (),
        hint: str | None = None,
        more: tuple[OperatorError, ...] = (),
    ):
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint
        self.more = more
