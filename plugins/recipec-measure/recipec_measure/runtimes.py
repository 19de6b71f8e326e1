"""What it takes to run a model of each kind, and why one can't be run here."""

from __future__ import annotations

from recipec.api import Model, PlanContext, Requirement, TensorRTEngine, TorchModel

TORCH = TorchModel.session_requires[0]
CUDA = Requirement("cuda")
TENSORRT = Requirement("python:tensorrt>=10.9", "pip install 'recipec[tensorrt]'")
TENSORRT_RTX = Requirement("python:tensorrt-rtx>=1.2", "pip install 'recipec[tensorrt-rtx]'")


def requirements(model: Model) -> tuple[Requirement, ...] | None:
    """Give what the machine needs to run a model, the hardest to get first; None for no runtime."""
    match model:
        case TensorRTEngine(runtime="tensorrt"):
            return (CUDA, TENSORRT, TORCH)
        case TensorRTEngine():
            return (CUDA, TENSORRT_RTX, TORCH)
    return None if model.session is None else model.session_requires


def not_runnable(model: Model, context: PlanContext) -> str | None:
    """Say why a model can't be run on this machine, or None."""
    needed = requirements(model)
    if needed is None:
        return f"not measured: nothing here runs a {model.kind}"
    lacking = [why for requirement in needed if (why := context.missing(requirement))]
    return f"blocked: {lacking[0]}" if lacking else None
