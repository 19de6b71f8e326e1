"""What plans of operators that change an ONNX file have in common."""

from __future__ import annotations

from typing import Any

from recipec.api import UNKNOWN, OnnxModel, OperatorError, Unknown


def after(model: OnnxModel, **known: Any) -> OnnxModel:
    """Give a model's facts after its graph was changed: inputs and outputs stay.

    What isn't among `known` is only known afterwards.
    """
    changed = {"layers": UNKNOWN, "precision": UNKNOWN, "quantization": UNKNOWN}
    return model.model_copy(update={"operators": UNKNOWN, **changed, **known})


def raised(model: OnnxModel, opset: int) -> int | Unknown:
    """Give the opset of a model that needs at least this one."""
    return UNKNOWN if isinstance(model.opset, Unknown) else max(model.opset, opset)


def upgrade_effects(model: OnnxModel, opset: int, why: str) -> tuple[str, ...]:
    """Say that a model will be upgraded, if it is known to be needed."""
    if isinstance(model.opset, Unknown) or model.opset >= opset:
        return ()
    return (
        f"the model is upgraded first, from opset {model.opset} to {opset}, as {why}; its outputs "
        "before and after that are compared",
    )


def refuse_quantized(model: OnnxModel) -> None:
    """Raise OperatorError when a model is known to be quantized."""
    if isinstance(model.quantization, Unknown) or model.quantization is None:
        return
    raise OperatorError(
        f"the model is quantized already: weights {model.quantization.weights}, activations "
        f"{model.quantization.activations}",
        hint="name a stage before that with `needs`",
    )
