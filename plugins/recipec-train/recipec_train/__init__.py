"""Training stages: fine-tune, in full or mixed precision, resumable to the bit."""

from __future__ import annotations

from typing import Any

from recipec.api import Operator, hookimpl


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_train.fit import Fit

    return [Fit]
