"""Read the header of an IDX file, and check that the file has the size that it announces.

Format: LeCun, Cortes and Burges, "The MNIST database", the section on file formats: two zero bytes,
a type code, the number of dimensions, each dimension as a big-endian 32-bit integer, the values.
"""

from __future__ import annotations

import struct
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from recipec.api import OperatorError

TYPES: Final = {
    0x08: ("uint8", 1),
    0x09: ("int8", 1),
    0x0B: ("int16", 2),
    0x0C: ("int32", 4),
    0x0D: ("float32", 4),
    0x0E: ("float64", 8),
}
"""Type code → name and bytes of one value."""

_FORMATS: Final = {"uint8": "B", "int8": "b", "int16": "h", "int32": "i"}


class IdxHeader(NamedTuple):
    """What a file says of itself; values begin at byte `offset` of the uncompressed content."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    compressed: bool

    @property
    def bytes(self) -> int:
        """Bytes of the whole file, uncompressed."""
        return self.offset + prod(self.shape) * dict(TYPES.values())[self.dtype]


def open_idx(path: Path, compressed: bool) -> BinaryIO:
    """Open a file for reading its uncompressed content."""
    if not compressed:
        return path.open("rb")
    import gzip  # only some files need it, and all recipes would wait for it

    return cast(BinaryIO, gzip.open(path))


def read_header(path: Path, at: str) -> IdxHeader:
    """Read and check a header. Raises OperatorError at parameter `at` when it isn't an IDX file or
    its size isn't the one that the header announces."""
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
        with open_idx(path, compressed) as file:
            header = _parse(file, compressed)
        found = _size(path, header)
    except (OSError, EOFError, zlib.error, ValueError) as problem:
        raise OperatorError(f"{path.name} can't be read as an IDX file: {problem}", at=(at,)) from (
            problem
        )
    if found != header.bytes:
        kind = "is cut short" if found < header.bytes else "is too long"
        raise OperatorError(
            f"{path.name} {kind}: its header announces {header.bytes} bytes, it has {found}",
            at=(at,),
        )
    return header


def _parse(file: BinaryIO, compressed: bool) -> IdxHeader:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not magic[3]:
        raise ValueError(f"it begins with {magic.hex(' ') or 'nothing'}")
    dimensions = file.read(4 * magic[3])
    if len(dimensions) < 4 * magic[3]:
        raise ValueError("its header is cut short")
    shape = struct.unpack(f">{magic[3]}I", dimensions)
    return IdxHeader(TYPES[magic[2]][0], shape, 4 + len(dimensions), compressed)


def _size(path: Path, header: IdxHeader) -> int:
    size = path.stat().st_size
    if not header.compressed:
        return size
    # A gzip stream ends with its content's size modulo 2³²: reading that is enough when it fits.
    with path.open("rb") as file:
        file.seek(max(0, size - 4))
        if int.from_bytes(file.read(4), "little") == header.bytes % 2**32:
            return header.bytes
    size = 0
    with open_idx(path, compressed=True) as content:
        try:
            while block := content.read(1 << 20):
                size += len(block)
        except EOFError:
            pass  # the stream is cut short, and so is the size that is reported
    return size


def largest_label(path: Path, header: IdxHeader, at: str) -> int:
    """Read a file of labels and give the largest. Raises OperatorError at parameter `at` when they
    aren't whole numbers from 0, or can't be read."""
    code = _FORMATS.get(header.dtype)
    if code is None or len(header.shape) != 1:
        raise OperatorError(
            f"{path.name} holds {header.dtype} {list(header.shape)}, not one whole number per "
            "sample",
            at=(at,),
        )
    try:
        with open_idx(path, header.compressed) as file:
            content = file.read()[header.offset :]
    except (OSError, EOFError, zlib.error) as problem:
        raise OperatorError(f"{path.name} can't be read: {problem}", at=(at,)) from problem
    labels = struct.unpack(f">{header.shape[0]}{code}", content)
    if min(labels) < 0:
        raise OperatorError(f"{path.name} holds the label {min(labels)}", at=(at,))
    return int(max(labels))
