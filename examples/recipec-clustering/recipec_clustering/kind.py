"""The artifact kind of packed models, which says what runs them."""

from typing import ClassVar

from pydantic import Field

from recipec.api import UNKNOWN, Frozen, Model, Requirement, Unknown
from recipec_clustering.weights import TORCH


class Codebook(Frozen):
    """One clustered tensor: `elements` indices of `bits` bits into 2^bits values.

    `values` are the different values that occur, in rising order, and `counts` says how many
    elements have each. Only what was made knows them; a plan doesn't.
    """

    name: str
    bits: int
    elements: int
    values: tuple[float, ...] | Unknown = UNKNOWN
    counts: tuple[int, ...] | Unknown = UNKNOWN


class Codebooks(Model):
    """A torch module whose clustered weights are indices into codebooks: a folder.

    It holds `module.json` and `code/` as a torch module does (how to build it), and
    `codebooks.safetensors` with all tensors: `codebook:NAME` and `indices:NAME` of a clustered one,
    `NAME` of any other. `file_bytes` is the size of that file, `dense_bytes` what all tensors take
    as they are in memory; `layers` describe the model that comes out of it.
    """

    kind = "clustering.codebooks"
    session: ClassVar[str | None] = "recipec_clustering._session:CodebookSession"
    session_requires: ClassVar[tuple[Requirement, ...]] = TORCH
    codebooks: tuple[Codebook, ...] | Unknown = Field(default=UNKNOWN)
    file_bytes: int | Unknown = UNKNOWN
    dense_bytes: int | Unknown = UNKNOWN
