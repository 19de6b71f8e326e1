"""Layers that stand in a module once, and whose weight is theirs alone."""

from __future__ import annotations

from torch import nn

from recipec.api.errors import OperatorError


def sole_layer(module: nn.Module, name: str, types: tuple[type[nn.Module], ...]) -> nn.Module:
    """Give the layer of a name, which is exactly of one of these types, so that it can be replaced.

    Raises OperatorError when it isn't (a subclass may compute something else), when it is a
    convolution in groups, and when its weight has another name in the module as well.
    """
    layer, hint = module.get_submodule(name), f"exclude {name!r}"
    if type(layer) not in types:
        kind = f"{type(layer).__module__}.{type(layer).__qualname__}"
        raise OperatorError(f"{name} is a {kind}, which recipec doesn't know", hint=hint)
    if isinstance(layer, nn.modules.conv._ConvNd) and layer.groups != 1:
        raise OperatorError(f"{name} is a convolution in {layer.groups} groups", hint=hint)
    owners = [
        other
        for other, child in module.named_modules(remove_duplicate=False)
        if any(tensor is layer.weight for tensor in child._parameters.values())
    ]
    if owners != [name]:
        others = ", ".join(other for other in owners if other != name) or "a function of another"
        raise OperatorError(f"{name} shares its weight with {others}", hint=hint)
    return layer
