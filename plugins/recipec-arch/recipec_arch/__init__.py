"""Architecture: depthwise separable convolutions and compound scaling."""

from __future__ import annotations

from typing import Any

from recipec.api import Operator, hookimpl

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_arch.compound import CompoundScale
    from recipec_arch.separable import DepthwiseSeparable

    return [DepthwiseSeparable, CompoundScale]
