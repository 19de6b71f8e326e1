"""Measurements: what a model weighs, how often it is right, how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Facts, Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_measure.accuracy import Accuracy
    from recipec_measure.agreement import Agreement
    from recipec_measure.latency import Latency
    from recipec_measure.probe import Probe
    from recipec_measure.size import Size

    return [Accuracy, Agreement, Latency, Probe, Size]


@hookimpl
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    from recipec_measure.timings import Timings

    return [Timings]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_measure.recipe_parts import PARTS

    return PARTS
