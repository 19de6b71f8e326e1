"""What a runtime doesn't take, said before anything is built."""

from __future__ import annotations

from typing import Final

from recipec.api import OnnxModel, OperatorError, PlanContext, Quantization, Unknown
from recipec_tensorrt.params import BuildParams
from recipec_tensorrt.profile import Ranges
from recipec_tensorrt.runtimes import COMPUTE_CAPABILITIES, Runtime

DOUBTFUL: Final = frozenset(
    {
        "AffineGrid",
        "Bernoulli",
        "BitCast",
        "BitShift",
        "BitwiseAnd",
        "BitwiseNot",
        "BitwiseOr",
        "BitwiseXor",
        "CenterCropPad",
        "Col2Im",
        "Compress",
        "ConcatFromSequence",
        "ConvInteger",
        "CumProd",
        "DFT",
        "DeformConv",
        "Det",
        "DynamicQuantizeLinear",
        "ImageDecoder",
        "MatMulInteger",
        "MaxRoiPool",
        "MaxUnpool",
        "MelWeightMatrix",
        "Multinomial",
        "NegativeLogLikelihoodLoss",
        "Optional",
        "OptionalGetElement",
        "OptionalHasElement",
        "QLinearConv",
        "QLinearMatMul",
        "RegexFullMatch",
        "SequenceAt",
        "SequenceConstruct",
        "SequenceEmpty",
        "SequenceErase",
        "SequenceInsert",
        "SequenceLength",
        "SequenceMap",
        "SoftmaxCrossEntropyLoss",
        "SplitToSequence",
        "StringConcat",
        "StringNormalizer",
        "StringSplit",
        "SwiGLU",
        "TfIdfVectorizer",
        "Unique",
    }
)
"""ONNX's own operators that the parser of TensorRT for RTX 1.7 doesn't know. A newer one may."""


def check(
    params: BuildParams, runtime: Runtime, quantization: Quantization | Unknown | None
) -> None:
    """Raise OperatorError on parameters that the runtime doesn't take, and on a model for CPUs."""
    if params.compute_capabilities and not runtime.ahead_of_time:
        raise OperatorError(
            f"{runtime.name} builds for the GPU of this machine and for no other",
            at=("compute_capabilities",),
            hint="leave compute_capabilities out, or take `runtime: tensorrt-rtx`",
        )
    if params.profiles and params.ranges != Ranges():
        raise OperatorError(
            "`batch`, `dimensions` and `shapes` are for an engine with one profile, and there are "
            "`profiles`",
            at=("profiles",),
            hint="write them in each of the profiles",
        )
    if params.sparse_weights and runtime.ahead_of_time:
        raise OperatorError(
            f"{runtime.name} chooses kernels when the engine first runs: that they may be sparse "
            "changes nothing in the engine",
            at=("sparse_weights",),
            hint="leave sparse_weights out",
        )
    if params.timing_cache and runtime.ahead_of_time:
        raise OperatorError(
            f"{runtime.name} times no kernels when it builds, so it has no timing cache",
            at=("timing_cache",),
            hint="leave timing_cache out",
        )
    for index, wanted in enumerate(params.compute_capabilities):
        if wanted not in COMPUTE_CAPABILITIES:
            raise OperatorError(
                f"{runtime.name} builds for no GPU of compute capability {wanted}",
                at=("compute_capabilities", index),
                hint=f"it builds for {', '.join(COMPUTE_CAPABILITIES)}",
            )
        if wanted in params.compute_capabilities[:index]:
            raise OperatorError(f"{wanted} is there twice", at=("compute_capabilities", index))
    if isinstance(quantization, Quantization) and quantization.target != "tensorrt":
        raise OperatorError(
            f"the model is quantized for {quantization.target} runtimes, with "
            f"{quantization.activations} activations; TensorRT takes symmetric int8 only",
            hint="quantize it for this engine with `target: tensorrt`",
        )


def check_operators(model: OnnxModel, runtime: Runtime, context: PlanContext) -> None:
    """Raise OperatorError on operators that the runtime's parser doesn't know, where that's known.

    The installed parser is asked, once for each version of it, about those that aren't known to be
    known.
    """
    if not isinstance(model.operators, dict) or not runtime.ahead_of_time:
        return
    doubtful = sorted(DOUBTFUL & model.operators.keys())
    if not doubtful or any(context.missing(requirement) for requirement in runtime.requires):
        return
    unknown = context.inspect(
        "recipec_tensorrt._operators:unknown_operators",
        {"module": runtime.module, "operators": doubtful},
        packages=(runtime.name,),
    )
    if unknown:
        listed = ", ".join(f"{name} ({model.operators[name]})" for name in unknown)
        dynamic = any("Integer" in name or "DynamicQuantize" in name for name in unknown)
        raise OperatorError(
            f"TensorRT's parser has no {listed}",
            hint="it takes Q/DQ pairs with constant scales: quantize statically, with `target: "
            "tensorrt`"
            if dynamic
            else "replace them before this stage, for example with graphsurgeon.replace",
        )
