"""A small ResNet in the forms that the seven steps give it, as facts."""

from __future__ import annotations

from typing import Any

from recipec.api import (
    Layer,
    LayerTable,
    OnnxModel,
    Quantization,
    Tensor,
    TensorSpec,
    TorchExported,
    TorchModule,
)

FULL, PRUNED = (16, 32, 64), (8, 16, 32)
INPUTS = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
OUTPUTS = (TensorSpec(name="logits", shape=("N", 10)),)


def convolution(name: str, out: int, into: int, positions: int, form: str) -> list[Layer]:
    """A convolution and its batch normalization; one layer once they are folded."""
    int8, folded = form.startswith("int8"), form != "torch"
    kernel = (out, into, 3, 3)
    zeros = out * into * 9 // 200 if int8 else 0
    tensors = [
        Tensor(name="weight", shape=kernel, dtype="int8" if int8 else "float32", zeros=zeros)
    ]
    if folded:
        tensors.append(Tensor(name="bias", shape=(out,), dtype="float32", zeros=0))
    if int8:
        scale = Tensor(name="weight_scale", shape=(out,), dtype="float32", role="quantization")
        tensors.append(scale)
    kind = "Conv" if folded else "Conv2d"
    layers = [Layer(name=name, type=kind, tensors=tuple(tensors), positions=positions)]
    if not folded:
        norm = name.replace("conv", "bn")
        parameters = [
            Tensor(name=n, shape=(out,), dtype="float32", zeros=0) for n in ("weight", "bias")
        ]
        buffers = [
            Tensor(name=n, shape=(out,), dtype="float32", role="buffer")
            for n in ("running_mean", "running_var")
        ]
        both = (*parameters, *buffers)
        layers.append(Layer(name=norm, type="BatchNorm2d", tensors=both, folds_into=name))
    return layers


def resnet(widths: tuple[int, ...], form: str = "torch") -> LayerTable:
    """A ResNet-14 for 8×8 images: as a torch module, folded in fp32, or folded in int8."""
    layers = convolution("conv1", widths[0], 1, 64, form)
    into = widths[0]
    for stage, width in enumerate(widths, 1):
        positions = (8 // 2 ** (stage - 1)) ** 2
        for block in range(2):
            where = f"layer{stage}.{block}"
            layers += convolution(f"{where}.conv1", width, into, positions, form)
            layers += convolution(f"{where}.conv2", width, width, positions, form)
            into = width
    int8 = form.startswith("int8")
    weight = Tensor(name="weight", shape=(10, into), dtype="int8" if int8 else "float32", zeros=0)
    bias = Tensor(name="bias", shape=(10,), dtype="float32", zeros=0)
    kind = "Linear" if form == "torch" else "Gemm"
    layers.append(Layer(name="fc", type=kind, tensors=(weight, bias), positions=1))
    return LayerTable(layers=tuple(layers))


def torch_facts(widths: tuple[int, ...]) -> TorchModule:
    table = resnet(widths)
    return TorchModule(inputs=INPUTS, outputs=OUTPUTS, layers=table, precision="fp32")


def quantized(target: Any) -> Quantization:
    activations = "uint8 affine per tensor" if target == "cpu" else "int8 symmetric per tensor"
    return Quantization(
        target=target, weights="int8 symmetric per channel", activations=activations
    )


def onnx_facts(widths: tuple[int, ...], form: str, target: str | None) -> OnnxModel:
    nodes = {"Conv": 13, "Relu": 13, "Add": 6, "GlobalAveragePool": 1, "Gemm": 1}
    if target:
        nodes = {"QuantizeLinear": 33, "DequantizeLinear": 61, **nodes}
    return OnnxModel(
        inputs=INPUTS,
        outputs=OUTPUTS,
        layers=resnet(widths, form),
        precision="int8" if target else "fp32",
        quantization=quantized(target) if target else None,
        opset=20,
        operators=nodes,
    )


def exported(target: Any) -> TorchExported:
    return TorchExported(
        inputs=INPUTS,
        outputs=OUTPUTS,
        layers=resnet(PRUNED, "int8"),
        precision="int8",
        quantization=quantized(target),
    )


def planned(facts: TorchModule) -> TorchModule:
    """What a plan knows of training: everything but the zeros."""
    assert isinstance(facts.layers, LayerTable)
    return facts.model_copy(update={"layers": facts.layers.without_zeros()})
