"""Read the headers of the arrays in an NPZ file, without NumPy.

Format: NEP 1 and `numpy.lib.format`: a zip archive of `.npy` files, each a magic string, a version,
the header's length, and the header as a Python dictionary literal.
"""

from __future__ import annotations

import ast
import re
import struct
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import IO, Final, NamedTuple

from recipec.api import OperatorError

_KINDS: Final = {"f": "float", "i": "int", "u": "uint"}


class NpyHeader(NamedTuple):
    """One array: its dtype as NumPy writes it (`<f4`), shape, and offset of its values."""

    dtype: str
    shape: tuple[int, ...]
    offset: int

    @property
    def name(self) -> str:
        """The dtype's name: `float32`."""
        if self.dtype[1] == "b":
            return "bool"
        return f"{_KINDS[self.dtype[1]]}{8 * self.itemsize}"

    @property
    def itemsize(self) -> int:
        """Bytes of one value."""
        return int(self.dtype[2:])


def read_headers(path: Path, names: tuple[str, ...], at: tuple[str, ...]) -> list[NpyHeader]:
    """Read the headers of these arrays, `at` being the parameter that names each.

    Raises OperatorError at ("file",) when it is no NPZ file or an array is damaged, and at an
    array's parameter when it isn't there or doesn't hold plain numbers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            offered = [n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")]
            for name, where in zip(names, at, strict=True):
                if name not in offered:
                    raise OperatorError(
                        f"{path.name} has no array {name!r}",
                        at=(where,),
                        hint=f"it has: {', '.join(offered) or 'none'}",
                    )
            return [
                _read(archive, path, name, where) for name, where in zip(names, at, strict=True)
            ]
    except (OSError, zipfile.BadZipFile, zlib.error, ValueError, SyntaxError, EOFError) as problem:
        raise OperatorError(
            f"{path.name} can't be read as an NPZ file: {problem}", at=("file",)
        ) from problem


def _read(archive: zipfile.ZipFile, path: Path, name: str, at: str) -> NpyHeader:
    with archive.open(f"{name}.npy") as file:
        dtype, shape, offset = _parse(file, name)
    # Objects would be pickles, which run code when they are read; strings are no numbers.
    if not isinstance(dtype, str) or not re.fullmatch(r"\|b1|[<>|=][fiu][1248]", dtype):
        raise OperatorError(f"{path.name}: {name!r} holds {dtype!r}, not plain numbers", at=(at,))
    header = NpyHeader(dtype, shape, offset)
    announced = offset + prod(shape) * header.itemsize
    if (found := archive.getinfo(f"{name}.npy").file_size) != announced:
        raise ValueError(f"{name!r} announces {announced} bytes and has {found}")
    return header


def _parse(file: IO[bytes], name: str) -> tuple[object, tuple[int, ...], int]:
    start = file.read(8)
    if start[:6] != b"\x93NUMPY" or start[6] not in (1, 2, 3):
        raise ValueError(f"{name!r} is not an array")
    width, form = (2, "<H") if start[6] == 1 else (4, "<I")
    (length,) = struct.unpack(form, file.read(width))
    fields = ast.literal_eval(file.read(length).decode("latin1" if start[6] < 3 else "utf-8"))
    return fields["descr"], tuple(fields["shape"]), 8 + width + length


def largest_label(path: Path, name: str, header: NpyHeader) -> int:
    """Read an array of labels and give the largest. Raises OperatorError at ("labels",) when they
    aren't whole numbers from 0."""
    order, kind = header.dtype[0], header.dtype[1]
    if kind not in "iu" or len(header.shape) != 1:
        raise OperatorError(
            f"{path.name}: {name!r} holds {header.name} {list(header.shape)}, not one whole "
            "number per sample",
            at=("labels",),
        )
    code = {1: "b", 2: "h", 4: "i", 8: "q"}[header.itemsize]
    code = code.upper() if kind == "u" else code
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
        content = file.read()[header.offset :]
    labels = struct.unpack(f"{'>' if order == '>' else '<'}{header.shape[0]}{code}", content)
    if min(labels) < 0:
        raise OperatorError(f"{path.name}: {name!r} holds the label {min(labels)}", at=("labels",))
    return int(max(labels))
