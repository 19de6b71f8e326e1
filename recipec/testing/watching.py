"""What a piece of Python does to the world: files it writes, programs it starts, and the like.

Python tells of these by audit events (PEP 578). Libraries that write files without Python aren't
seen here; what they leave in the folders of a run is found by comparing them.
"""

# pathlib is slow for what is called at every open, and resolves the last link:
# ruff: noqa: PTH100, PTH115, PTH118
from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES: Final[Mapping[str, tuple[str, int, int | None]]] = {
    "os.mkdir": ("makes the folder", 0, 2),
    "os.rename": ("moves something to", 1, 3),
    "os.remove": ("removes", 0, 1),
    "os.rmdir": ("removes the folder", 0, 1),
    "os.link": ("makes the link", 1, 3),
    "os.symlink": ("makes the link", 1, 2),
    "os.truncate": ("cuts short", 0, None),
    "os.chmod": ("changes the mode of", 0, 2),
}
"""Events that change files, in words; which argument is the path, and which the descriptor of the
folder that it is relative to."""
_OTHERS: Final[Mapping[str, str]] = {
    "os.chdir": "changes the working directory to",
    "os.putenv": "sets the environment variable",
    "os.unsetenv": "removes the environment variable",
    "subprocess.Popen": "starts the program",
    "os.system": "runs the shell command",
    "os.posix_spawn": "starts the program",
    "socket.connect": "connects to",
    "socket.getaddrinfo": "looks up the host",
}


class Deed(NamedTuple):
    """Something that was done: in words, and to which path, where it is about a file."""

    what: str
    path: str | None


_watchers: list[list[Deed]] = []


@contextlib.contextmanager
def watched() -> Iterator[list[Deed]]:
    """Collect what is done in the meantime; reading files is nothing."""
    if not _installed:
        sys.addaudithook(_heard)
        _installed.append(True)
    done: list[Deed] = []
    _watchers.append(done)
    try:
        yield done
    finally:
        _watchers.remove(done)


_installed: list[bool] = []


def outside(deeds: list[Deed], *folders: Path) -> list[str]:
    """Say what was done to files that are in none of the folders.

    Devices and Python's own caches don't count.
    """
    allowed = [str(folder.resolve()) for folder in folders]
    return [
        f"{what} {path}"
        for what, path in deeds
        if path is not None and not any(_below(path, folder) for folder in allowed)
    ]


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watchers:
        return
    deed: Deed | None = None
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, (str, bytes, os.PathLike)) and flags and flags & _WRITES:
            deed = Deed("writes", _absolute(path))
    elif event in _CHANGES:
        what, position, folder = _CHANGES[event]
        below = -1 if folder is None else arguments[folder]
        if (path := _absolute(arguments[position], below)) is not None:
            deed = Deed(what, path)
    elif event in _OTHERS:
        said = arguments[1] if event == "socket.connect" else arguments[0]
        deed = Deed(f"{_OTHERS[event]} {_text(said)}", None)
    if deed is not None and not _nothing(deed.path):
        for done in _watchers:
            done.append(deed)


def _absolute(path: Any, folder: int = -1) -> str | None:
    """Give a path without links above it, None where it can't be told."""
    if isinstance(path, int):
        return f"the open file {path}"
    text = os.fsdecode(path)
    if folder != -1:
        try:
            text = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
        except OSError:  # only Linux tells which folder a descriptor is of
            return None
    # The folder's real path, but not that of the thing itself, which may be a link.
    above, name = os.path.split(os.path.abspath(text))
    return os.path.join(os.path.realpath(above), name)


def _nothing(path: str | None) -> bool:
    return path is not None and (path.startswith("/dev/") or "__pycache__" in path)


def _text(said: Any) -> str:
    return os.fsdecode(said) if isinstance(said, (str, bytes, os.PathLike)) else repr(said)
