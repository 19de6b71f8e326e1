"""Read YAML 1.2: bytes → text → `Document`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recipec.source.building import Builder
from recipec.source.document import Document, DocumentError
from recipec.source.span import Span

MAX_BYTES: Final = 16 * 2**20


def read_bytes(path: Path) -> bytes:
    """Read a file, but no more of it than shows that it is too large. Raises OSError."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def decode(data: bytes, file: str) -> str:
    """Decode a file's bytes, which must be UTF-8 of a bounded size. Raises DocumentError."""
    start = Span(file, 1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        raise DocumentError(
            "too-large", f"the file is larger than {MAX_BYTES:,} bytes, which is the limit", start
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError("encoding", "the file is UTF-16", start, "save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        # Of a BOM that was taken off, the position knows nothing.
        wrong = problem.start + len(data) - len(problem.object)
        begin = data.rfind(b"\n", 0, wrong) + 1
        before = data[begin:wrong].decode(errors="replace").removeprefix("\ufeff")
        after = data[wrong : wrong + 200].partition(b"\n")[0].decode(errors="replace")
        line, column = data.count(b"\n", 0, wrong) + 1, len(before) + 1
        raise DocumentError(
            "encoding",
            f"byte 0x{data[wrong]:02x} is not UTF-8",
            Span(file, line, column, line, column + 1, before + after.rstrip("\r")),
            "save the file as UTF-8",
        ) from problem


def read_document(text: str, file: str) -> Document:
    """Read YAML text. `file` is the name that positions carry. Raises DocumentError.

    YAML 1.2 core scalars: `1e-4` is a number, `no` is a word, `010` is ten. Duplicate keys,
    recursive aliases, merge keys, tags and several documents in one file are refused; depth and
    size are bounded.
    """
    value, spans = Builder(text, file).build()
    return Document(file, text, value, spans)
