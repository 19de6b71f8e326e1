"""What `recipec init` writes about measuring."""

from __future__ import annotations

from typing import Final

from recipec.api.recipe_parts import MetricPart, RecipePart

PARTS: Final[tuple[RecipePart, ...]] = (
    MetricPart(
        family="accuracy",
        comment="share of samples that are right",
        needs_labels=True,
        gate={"metric": "accuracy", "max_drop": "{max_drop}"},
    ),
    MetricPart(
        family="size",
        comment="bytes on disk and in memory",
        gate={"metric": "size.disk", "min_ratio": "2x"},
        goal="smaller",
    ),
    MetricPart(family="parameters", comment="how many numbers the model learnt"),
    MetricPart(family="macs", comment="multiply-adds of one sample"),
    MetricPart(
        family="latency",
        comment="seconds for one batch, all models side by side",
        gate={"metric": "latency.p50@batch=1", "min_ratio": "1.1x"},
        goal="faster",
    ),
)
