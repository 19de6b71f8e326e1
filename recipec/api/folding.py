"""What becomes of a layer table when batch normalizations are folded into the layers before them.

In inference a batch normalization is an affine map per channel, so the convolution or linear layer
that feeds it can take it over (Jacob et al., CVPR 2018, arXiv:1712.05877, §3.2): its weight is
scaled, its shape stays, and it has a bias afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping

from recipec.api.layers import Layer, LayerTable, Tensor


def foldable_norms(table: LayerTable) -> Mapping[str, str]:
    """Map each batch normalization that can be folded away to the layer that takes it over.

    It needs running statistics, one for each output channel of its feeder.
    """
    layers = {layer.name: layer for layer in table.layers}
    return {
        norm.name: norm.folds_into
        for norm in table.layers
        if norm.folds_into in layers and _fits(layers[norm.folds_into], norm)
    }


def _fits(feeder: Layer, norm: Layer) -> bool:
    weight = feeder.weight
    mean = next((t for t in norm.tensors if t.name == "running_mean"), None)
    if weight is None or mean is None:
        return False
    if len(weight.shape) == 2 and feeder.positions != 1:
        return False  # [N, L, C] from a linear layer: batch normalization takes L for the channels
    # A grouped transposed convolution's weight is [in, out / groups, …]: its channels don't show.
    return mean.shape == (weight.shape[1 if is_transposed(feeder) else 0],)


def is_transposed(layer: Layer) -> bool:
    """Say whether a row is a transposed convolution, whose weight is [in, out, …]."""
    return layer.type.startswith("ConvTranspose")


def fold_batch_norms(table: LayerTable) -> LayerTable:
    """Give the table without the batch normalizations that can be folded away.

    A layer that took one over has a bias, and zero counts that are known only afterwards. Channel
    groups go: a folded model isn't pruned any more.
    """
    folds = foldable_norms(table)
    taking = set(folds.values())
    return LayerTable(
        layers=tuple(
            _with_bias(layer) if layer.name in taking else without_axes(layer)
            for layer in table.layers
            if layer.name not in folds
        )
    )


def _with_bias(layer: Layer) -> Layer:
    weight = layer.weight
    assert weight is not None  # `_fits` looked
    bias = Tensor(
        name="bias",
        shape=(weight.shape[1 if is_transposed(layer) else 0],),
        dtype=weight.dtype,
    )
    tensors = (*(t.without_zeros() for t in layer.tensors if t.name != "bias"), bias)
    return without_axes(layer.with_tensors(tensors))


def without_axes(layer: Layer) -> Layer:
    """Give a row without channel groups, and without a fold that doesn't happen."""
    tensors = tuple(t.model_copy(update={"axes": ()}) if t.axes else t for t in layer.tensors)
    if layer.folds_into is None:
        return layer.with_tensors(tensors)
    return layer.model_copy(update={"tensors": tensors, "folds_into": None})
