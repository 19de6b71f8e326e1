"""Dynamic int8 on a model of convolutions."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Layer, Lint, Model, PlanView, Unknown

MOST = 0.5
"""From this share of the multiply-adds on, convolutions decide how fast a model is."""


def _check(plan: PlanView) -> Iterator[Finding]:
    for stage in plan.stages:
        parent = plan.parent(stage)
        if "quantizes dynamically" not in stage.traits or parent is None:
            continue
        share = _convolved(parent.model)
        if share is None or share < MOST:
            continue
        yield Finding(
            f"{stage.id!r} quantizes dynamically, and {share:.0%} of the multiply-adds of what it "
            "gets are in convolutions: dynamic int8 makes those slower, or leaves them in float",
            stage=stage.id,
            hint="quantize statically, with calibration data",
        )


def _convolved(model: Model | None) -> float | None:
    """Give the share of the multiply-adds that convolutions do, None where it isn't known."""
    if model is None or isinstance(model.layers, Unknown) or not model.layers.macs:
        return None
    return sum(x.macs for x in model.layers.layers if _is_convolution(x)) / model.layers.macs


def _is_convolution(layer: Layer) -> bool:
    weight = layer.weight
    return "Conv" in layer.type and weight is not None and len(weight.shape) > 2


LINT = Lint(
    "dynamic-int8-convolutions",
    "dynamic int8 quantization of a model that is mostly convolutions",
    "recipec:explanations/dynamic-int8-convolutions.md",
    _check,
)
