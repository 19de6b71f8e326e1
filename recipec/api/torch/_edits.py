"""Replay structural edits on a live module, in pure torch."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from recipec.api.code import load_object
from recipec.api.edits import Edit, KeepEntries, RemoveLayer, ReplaceLayer
from recipec.api.errors import OperatorError
from recipec.api.references import ImportString
from recipec.api.torch._passing import PassThrough


def apply_edits(module: nn.Module, edits: Iterable[Edit]) -> nn.Module:
    """Apply edits in their order, in place, and give the module (a new one if it was replaced).

    Raises OperatorError when an edit names a layer, tensor or entry that isn't there, or leaves a
    shape that its layer can't have.
    """
    for edit in edits:
        match edit:
            case KeepEntries():
                _keep(module, edit)
            case ReplaceLayer():
                replacement = load_object(ImportString(edit.type))(**edit.arguments)
                module = _put(module, edit.layer, replacement)
            case RemoveLayer():
                module = _put(module, edit.layer, PassThrough())
    return module


def _put(root: nn.Module, name: str, replacement: nn.Module) -> nn.Module:
    old = _layer(root, name)
    replacement.train(old.training)
    if not name:
        return replacement
    parent, _, last = name.rpartition(".")
    setattr(_layer(root, parent), last, replacement)
    return root


def _layer(root: nn.Module, name: str) -> nn.Module:
    try:
        return root.get_submodule(name)
    except AttributeError as problem:
        raise OperatorError(f"an edit names the layer {name!r}, which isn't there") from problem


def _keep(root: nn.Module, edit: KeepEntries) -> None:
    owner_name, _, name = edit.tensor.rpartition(".")
    owner = _layer(root, owner_name)
    tensor = owner._parameters.get(name, owner._buffers.get(name))
    if tensor is None:
        raise OperatorError(f"an edit names the tensor {edit.tensor!r}, which isn't there")
    if not 0 <= edit.dim < tensor.dim():
        raise OperatorError(f"{edit.tensor} has {tensor.dim()} dimensions, no dimension {edit.dim}")
    length = tensor.shape[edit.dim]
    if outside := [i for i in edit.indices if not 0 <= i < length]:
        raise OperatorError(f"{edit.tensor} has no entry {outside[0]} in dimension {edit.dim}")
    before = tuple(tensor.shape)
    index = torch.tensor(edit.indices, dtype=torch.long, device=tensor.device)
    kept = tensor.detach().index_select(edit.dim, index)
    if isinstance(tensor, nn.Parameter):
        # A new Parameter, not `.data =`: on the meta device the shape of `.data` can't change.
        owner._parameters[name] = nn.Parameter(kept, requires_grad=tensor.requires_grad)
    else:
        owner._buffers[name] = kept
    if name == "weight":
        _follow_weight(owner, owner_name, before, kept)


def _follow_weight(owner: nn.Module, name: str, before: tuple[int, ...], weight: Tensor) -> None:
    """Set the attributes that repeat the shape of a layer's weight."""
    shape = tuple(weight.shape)
    if isinstance(owner, nn.modules.conv._ConvTransposeNd):
        if owner.groups > 1:
            raise OperatorError(f"{name}: entries of a grouped transposed convolution can't leave")
        owner.in_channels, owner.out_channels = shape[:2]
    elif isinstance(owner, nn.modules.conv._ConvNd):
        if owner.groups > 1 and before[1] == 1 and owner.groups == owner.in_channels:
            multiplier = owner.out_channels // owner.groups  # depthwise: the groups follow
            owner.groups = owner.in_channels = shape[0] // multiplier
        owner.out_channels, owner.in_channels = shape[0], shape[1] * owner.groups
        if owner.out_channels % owner.groups:
            raise OperatorError(
                f"{name}: {owner.out_channels} channels don't divide into {owner.groups} groups"
            )
    elif isinstance(owner, nn.Linear):
        owner.out_features, owner.in_features = shape
    elif isinstance(owner, nn.Embedding | nn.EmbeddingBag):
        owner.num_embeddings, owner.embedding_dim = shape
    elif isinstance(owner, nn.LayerNorm | nn.RMSNorm):
        owner.normalized_shape = shape
    elif isinstance(owner, nn.GroupNorm):
        owner.num_channels = shape[0]
        if shape[0] % owner.num_groups:
            raise OperatorError(
                f"{name}: {shape[0]} channels don't divide into {owner.num_groups} groups"
            )
    elif isinstance(owner, nn.modules.batchnorm._NormBase):
        owner.num_features = shape[0]
    elif isinstance(owner, nn.PReLU):
        owner.num_parameters = shape[0]
