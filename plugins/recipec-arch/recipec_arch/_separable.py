"""Put depthwise separable convolutions in the place of standard ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from recipec.api import (
    Artifact,
    Metric,
    OperatorError,
    ReplaceLayer,
    RunContext,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec.api.torch import (
    apply_edits,
    dtype_name,
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
    sole_layer,
)

if TYPE_CHECKING:
    from recipec_arch.separable import DepthwiseSeparable

TYPE = "recipec.api.torch:DepthwiseSeparable"
"""Part of recipec, so that what is made loads without this plugin."""


def separate(
    operator: DepthwiseSeparable, model: Artifact[TorchModule], context: RunContext
) -> StageResult:
    """Replace the chosen convolutions of the module at `model.path`.

    With `init: svd`, metrics say how far each new layer is from the old one (`separable.error@…`,
    the Frobenius norm of the difference ÷ that of the weight). Raises OperatorError where a layer
    isn't what the layer table promised, or its weight isn't finite.
    """
    path, inputs = context.path_for("model"), read_structure(model.path).inputs
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = model.facts.layers
        if isinstance(table, Unknown):
            table = layer_table(module, inputs)
        chosen = operator.decide(table, inputs)
        old = {row.name: _standard(module, row.name) for row in chosen.layers}
        edits = [
            ReplaceLayer(layer=name, type=TYPE, arguments=_arguments(layer, operator.with_.between))
            for name, layer in old.items()
        ]
        module = apply_edits(module, edits)
        metrics = []
        if operator.with_.init == "svd":
            for name, layer in old.items():
                error = _start_from(name, layer, module.get_submodule(name))
                metrics.append(
                    Metric(
                        name=f"separable.error@{name}", value=error, unit="share", better="lower"
                    )
                )
        save_like(path, model.path, module, edits)
        planned = operator.planned(table, chosen)
        facts = module_facts(load_module(path), inputs, planned)
    return StageResult(
        {"model": facts}, metrics=tuple(metrics), changed={"convolutions replaced": len(edits)}
    )


def _standard(module: nn.Module, name: str) -> nn.Conv1d | nn.Conv2d | nn.Conv3d:
    layer = sole_layer(module, name, (nn.Conv1d, nn.Conv2d, nn.Conv3d))
    assert isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
    return layer


def _arguments(layer: nn.Conv1d | nn.Conv2d | nn.Conv3d, between: str) -> dict[str, Any]:
    return {
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": list(layer.kernel_size),
        "stride": list(layer.stride),
        "padding": layer.padding if isinstance(layer.padding, str) else list(layer.padding),
        "dilation": list(layer.dilation),
        "padding_mode": layer.padding_mode,
        "bias": layer.bias is not None,
        "between": between,
        "dtype": dtype_name(layer.weight.dtype),
    }


def _start_from(name: str, old: nn.Conv1d | nn.Conv2d | nn.Conv3d, new: nn.Module) -> float:
    """Give a replacement the weights nearest to the old convolution's; say how far they are."""
    weight = old.weight.detach()
    if not bool(weight.isfinite().all()):
        raise OperatorError(f"{name}.weight holds values that aren't finite: draw it anew")
    depthwise, pointwise = nearest_separable(weight)
    first, last = new.get_submodule("depthwise"), new.get_submodule("pointwise")
    with torch.no_grad():
        first.get_parameter("weight").copy_(depthwise)
        last.get_parameter("weight").copy_(pointwise)
        if old.bias is not None:
            last.get_parameter("bias").copy_(old.bias)
    norm = weight.double().norm()
    difference = weight.double() - depthwise.double().transpose(0, 1) * pointwise.double()
    return float(difference.norm() / norm) if norm > 0 else 0.0


def nearest_separable(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Give the depthwise and pointwise weights whose product is nearest to a weight.

    `weight` is `[o, i, *k]`; what is given is `[i, 1, *k]` and `[o, i, 1, …]`. For each input
    channel the `o × k` matrix is approximated by its first singular pair, which is the nearest of
    rank 1 in the Frobenius norm (Eckart and Young, 1936). Both parts have the root of the singular
    value; a filter's sum isn't negative, so that signs are settled.
    """
    o, i, *kernel = weight.shape
    matrices = weight.double().transpose(0, 1).reshape(i, o, -1)
    u, s, vh = torch.linalg.svd(matrices, full_matrices=False)
    scale = s[:, 0].sqrt()
    filters, mixing = scale[:, None] * vh[:, 0], scale[:, None] * u[:, :, 0]
    sign = torch.where(filters.sum(1) < 0, -1.0, 1.0)[:, None].double()
    depthwise = (sign * filters).reshape(i, 1, *kernel)
    pointwise = (sign * mixing).T.reshape(o, i, *[1] * len(kernel))
    return depthwise.to(weight.dtype), pointwise.to(weight.dtype)
