"""Measurements: what a model weighs, how often it is right, how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recipec.api import Facts, Operator, hookimpl


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_measure.accuracy import Accuracy
    from recipec_measure.latency import Latency
    from recipec_measure.size import Size

    return [Accuracy, Latency, Size]


@hookimpl
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    from recipec_measure.timings import Timings

    return [Timings]
