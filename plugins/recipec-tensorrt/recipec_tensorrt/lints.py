"""What to say about engines before they are built."""

from __future__ import annotations

from collections.abc import Iterator

from recipec.api import Finding, Lint, PlanView, TensorRTEngine, Unknown


def _absent(plan: PlanView) -> Iterator[Finding]:
    for stage in plan.stages:
        engine = stage.model
        if not isinstance(engine, TensorRTEngine):
            continue
        wanted = engine.compute_capabilities
        if isinstance(wanted, Unknown) or not wanted:
            continue
        here = plan.version_of("compute-capability")
        if here is None:
            has = "has no GPU"
        elif set(wanted).isdisjoint(here.split()):
            has = f"has {' and '.join(here.split())}"
        else:
            continue
        own = "compute_capabilities" in stage.given
        yield Finding(
            f"{stage.id!r} is for compute capability {', '.join(wanted)}, and this machine {has}: "
            "the engine can be built here, and not run, measured or timed",
            stage=stage.id,
            hint="measure it on a machine that has one of them",
            at=stage.parameter("compute_capabilities") if own else None,
        )


ABSENT = Lint(
    "tensorrt.absent-gpu",
    "an engine for GPUs that this machine doesn't have",
    "recipec_tensorrt:explanations/absent-gpu.md",
    _absent,
    machine_bound=True,
)
