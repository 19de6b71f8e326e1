"""How a file of codebooks is laid out. The plan counts its bytes by the rule that writes them.

The file is in the safetensors format: eight bytes that say how long the header is, the header
(JSON, filled up with spaces to a multiple of eight), and the tensors one after another, those with
larger elements first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Final, NamedTuple

from recipec.api import LayerTable, OperatorError
from recipec_clustering.weights import full_name

FILE: Final = "codebooks.safetensors"
CODEBOOK: Final = "codebook:"
INDICES: Final = "indices:"

_TYPES: Final[Mapping[str, tuple[str, int]]] = {
    "float64": ("F64", 8),
    "int64": ("I64", 8),
    "float32": ("F32", 4),
    "int32": ("I32", 4),
    "float16": ("F16", 2),
    "bfloat16": ("BF16", 2),
    "int16": ("I16", 2),
    "int8": ("I8", 1),
    "uint8": ("U8", 1),
    "bool": ("BOOL", 1),
}
"""The format's name of each type, and the bytes of one element."""


class Stored(NamedTuple):
    """A tensor of the file: a dtype by its name in layer tables, and a shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def element(self) -> int:
        """Bytes of one element."""
        return _TYPES[self.dtype][1]

    @property
    def bytes(self) -> int:
        return prod(self.shape) * self.element


def laid_out(table: LayerTable, bits: Mapping[str, int]) -> tuple[Stored, ...]:
    """Give what a file stores, in its order; `bits` are those of clustered tensors, by full name.

    Raises OperatorError for a tensor of a type that the format doesn't have.
    """
    return tuple(sorted(_stored(table, bits), key=lambda one: (-one.element, one.name)))


def header(stored: Sequence[Stored]) -> bytes:
    """Give all that stands before the tensors."""
    entries, at = {}, 0
    for one in stored:
        offsets = [at, at := at + one.bytes]
        code = _TYPES[one.dtype][0]
        entries[one.name] = {"dtype": code, "shape": list(one.shape), "data_offsets": offsets}
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def file_bytes(stored: Sequence[Stored]) -> int:
    """Give the size of the file."""
    return len(header(stored)) + sum(one.bytes for one in stored)


def packed_bytes(elements: int, bits: int, dtype: str) -> int:
    """Give the bytes of a tensor's codebook and indices."""
    return sum(one.bytes for one in _packed("", elements, bits, dtype))


def _stored(table: LayerTable, bits: Mapping[str, int]) -> Iterator[Stored]:
    for layer in table.layers:
        for tensor in layer.tensors:
            name = full_name(layer, tensor)
            if tensor.dtype not in _TYPES:
                raise OperatorError(f"{name} is {tensor.dtype}, which these files can't store")
            if name in bits:
                yield from _packed(name, tensor.elements, bits[name], tensor.dtype)
            else:
                yield Stored(name, tensor.dtype, tensor.shape)


def _packed(name: str, elements: int, bits: int, dtype: str) -> Iterable[Stored]:
    yield Stored(CODEBOOK + name, dtype, (2**bits,))
    yield Stored(INDICES + name, "uint8", ((elements * bits + 7) // 8,))
