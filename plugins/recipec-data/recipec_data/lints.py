"""What to say about data before anything learns from it."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView

_DOES = {"trains": "trains on", "calibrates": "calibrates on", "selects": "selects by"}


def _noise(plan: PlanView) -> Iterator[Finding]:
    noise = {data.id for data in plan.data if data.operator == "data.random"}
    for stage in plan.stages:
        for port, learning in stage.learns_from.items():
            source = stage.inputs.get(port)
            if source is not None and source.node in noise:
                yield Finding(
                    f"{stage.id!r} {_DOES[learning.how]} {source.node.removeprefix('data.')!r}, "
                    "which is noise: what it finds there doesn't hold for real inputs",
                    stage=stage.id,
                    hint="use a few hundred real samples",
                    at=stage.parameter(*port.split(".")),
                )


NOISE = Lint(
    "data.random-samples",
    "a stage learns from random numbers",
    "recipec_data:explanations/random-samples.md",
    _noise,
)
