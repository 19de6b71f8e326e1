"""Standard output belongs to the command: what other code writes there goes to standard error."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import BinaryIO, TextIO


class Diverted(io.TextIOBase):
    """What stands in for `sys.stdout`: text goes to standard error at once.

    What is written to the file descriptor itself (by C code, by programs that are started) is
    collected in a file, and forwarded when it is asked for or all is over.
    """

    encoding = "utf-8"

    def __init__(self, collected: BinaryIO, before: TextIO, kept: int) -> None:
        super().__init__()
        self._before, self._kept = before, kept
        self._collected, self._written, self._seen = collected, 0, 0
        self.buffer = io.BufferedWriter(io.FileIO(collected.fileno(), "w", closefd=False))

    def write(self, text: str) -> int:
        self._written += len(text)
        if sys.stderr is not None:
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        self.buffer.flush()
        if sys.stderr is not None:
            sys.stderr.flush()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1

    def said(self) -> int:
        """Give how much was written since this was last asked, in characters."""
        self.flush()
        here = os.lseek(self._collected.fileno(), 0, os.SEEK_END)
        if here > self._seen:
            self._collected.seek(self._seen)
            text = self._collected.read(here - self._seen).decode(errors="replace")
            self._seen = here
            self.write(text)
        written, self._written = self._written, 0
        return written

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let standard output be what it was for a while: for code of whoever started the run."""
        if self._kept < 0:
            yield
            return
        self.buffer.flush()
        os.dup2(self._kept, 1)
        sys.stdout = self._before
        try:
            yield
        finally:
            _flush(self._before)
            os.dup2(self._collected.fileno(), 1)
            sys.stdout = self


@contextlib.contextmanager
def diverted() -> Iterator[Diverted]:
    """Send what is written to standard output to standard error."""
    before = sys.stdout
    _flush(before)
    try:
        kept = os.dup(1)
    except OSError:  # it is closed: nothing can come out of it
        kept = -1
    with _collected() as collected:
        stream = Diverted(collected, before, kept)
        os.dup2(collected.fileno(), 1)
        sys.stdout = stream
        try:
            yield stream
        finally:
            sys.stdout = before
            _flush(before)  # who kept the old one: into the file, not behind our back
            stream.said()
            if kept >= 0:
                os.dup2(kept, 1)
                os.close(kept)
            else:
                os.close(1)


def _collected() -> BinaryIO:
    """Make a file that is nowhere."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("recipec"), "w+b", buffering=0)
    import tempfile  # only needed where memory can't be a file

    return tempfile.TemporaryFile(buffering=0)


def _flush(stdout: object) -> None:
    """Flush Python's streams, and C's where something is there to call it."""
    for stream in {id(s): s for s in (stdout, sys.__stdout__)}.values():
        with contextlib.suppress(ValueError, OSError, AttributeError):  # closed, or not a stream
            stream.flush()  # type: ignore[attr-defined]  # whatever stands there; see above
    ctypes = sys.modules.get("ctypes")
    if ctypes is not None and hasattr(ctypes, "CDLL") and os.name == "posix":
        ctypes.CDLL(None).fflush(None)
