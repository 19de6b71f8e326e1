"""Structural edits of a torch module: the closed vocabulary that recipec itself can replay.

A torch module between stages is builder + edits + weights. Edits are data, so a pruned model loads
in a new process without the library that pruned it, and without pickle.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from recipec.api.frozen import Frozen


class KeepEntries(Frozen):
    """Keep these entries of a dimension of a tensor (channels that stay, in their order).

    `tensor` is its full name in the module (`layer1.0.conv1.weight`). Attributes that repeat the
    shape (`out_channels`, `num_features`, …) are set from the new shape.
    """

    edit: Literal["keep"] = "keep"
    tensor: str
    dim: int
    indices: tuple[int, ...]


class ReplaceLayer(Frozen):
    """Put a new module in place of one: `type` is its import string, `arguments` its keywords."""

    edit: Literal["replace"] = "replace"
    layer: str
    type: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class RemoveLayer(Frozen):
    """Put an identity in place of a layer: what is first given to it passes through."""

    edit: Literal["remove"] = "remove"
    layer: str


Edit = Annotated[KeepEntries | ReplaceLayer | RemoveLayer, Field(discriminator="edit")]
