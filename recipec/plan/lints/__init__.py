"""The lints that hold for any technique: they go by what operators say they do to a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recipec.api import Lint
from recipec.plan.lints import (
    calibration,
    channels,
    dynamic,
    fake_quantization,
    gates,
    leaks,
    masks,
    order,
    quality,
    retraining,
    threads,
    waste,
)
from recipec.registry import Catalog

GENERAL: Final[tuple[Lint, ...]] = (
    calibration.LINT,
    channels.LINT,
    waste.TWICE,
    dynamic.LINT,
    leaks.SEEN,
    fake_quantization.LINT,
    gates.TOO_FINE,
    gates.UNDECIDABLE,
    leaks.TEST,
    masks.LINT,
    leaks.TRAINING,
    threads.LINT,
    order.LINT,
    retraining.LINT,
    quality.LINT,
    waste.UNUSED,
)


def lints_of(catalog: Catalog) -> Mapping[str, Lint]:
    """Give all lints by code: the general ones, and those of plugins."""
    offered = {lint.code: lint for lint in GENERAL}
    return {**offered, **{code: one.lint for code, one in catalog.lints.items()}}
