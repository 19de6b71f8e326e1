"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from recipec.diagnostics import UsageError, error


def write_whole(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a file so that it is there whole or not at all. Raises OSError.

    A file that isn't `durable` may be empty after the power failed: it is written without waiting
    for the disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name[:40]}-{os.urandom(8).hex()}"
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_asked(path: Path, text: str, code: str = "out") -> None:
    """Write a file that the user named, whole or not at all, also behind a link.

    Raises UsageError with `code` when it can't be written.
    """
    try:
        write_whole(path.resolve(), text)
    except (OSError, RuntimeError) as problem:  # RuntimeError: links in a circle
        said = str(problem)
        if isinstance(problem, OSError):
            said = f"{problem.filename}: {problem.strerror}"
        raise UsageError(error(code, f"{path} can't be written: {said}")) from problem
