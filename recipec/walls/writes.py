"""Files that code may not write: seen as it opens, moves or removes them, and refused.

Python tells of these by audit events (PEP 578), before anything is done. What C libraries write
without Python isn't seen; where that matters, bytes are compared afterwards.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

from recipec.walls import limited

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS: Final[Mapping[str, tuple[tuple[int, int | None], ...]]] = {
    "open": ((0, None),),
    "os.mkdir": ((0, 2),),
    "os.rename": ((0, 2), (1, 3)),
    "os.remove": ((0, 1),),
    "os.rmdir": ((0, 1),),
    "os.link": ((1, 3),),
    "os.symlink": ((1, 2),),
    "os.truncate": ((0, None),),
    "os.chmod": ((0, 2),),
    "sqlite3.connect": ((0, None),),
}
"""Events that change files: where their paths are among the arguments, and the folder (as a file
descriptor) that a path is relative to."""


class Refused(PermissionError):
    """A file that isn't to be written; raised in the code that tries."""


class Ground(NamedTuple):
    """A folder, and whether what is in it may be written.

    In one that is `lenient` hidden files are fine, and what the user's own code does. What Python
    keeps of modules (`__pycache__`) is fine everywhere.
    """

    folder: Path
    writable: bool
    lenient: bool = False


class Guard:
    """Knows the grounds, and keeps what was refused. The deepest folder around a path decides.

    Code of the user's own is in one of the folders `code`, but not in an environment below it.
    """

    def __init__(self, grounds: Iterable[Ground], code: Iterable[Path] = ()) -> None:
        self.code = tuple(os.path.realpath(folder) + os.sep for folder in code)
        grounds = [one._replace(folder=Path(os.path.realpath(one.folder))) for one in grounds]
        self.grounds = sorted(grounds, key=lambda one: len(one.folder.parts), reverse=True)
        self.refused: list[Path] = []
        self.open = threading.local()

    def judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise Refused for an event that would write where nothing is to be written."""
        if event == "open" and not _opens_for_writing(arguments):
            return
        for path, folder in _PATHS[event]:
            found = _real(arguments, path, folder, follow=event in ("open", "sqlite3.connect"))
            if found is None or (event == "os.mkdir" and found.is_dir()):
                continue
            if not self._allows(found):
                self.refused.append(found)
                raise Refused(f"{found} is not this stage's to write")

    def _allows(self, path: Path) -> bool:
        ground = next((one for one in self.grounds if path.is_relative_to(one.folder)), None)
        if ground is None or ground.writable or "__pycache__" in path.parts:
            return True
        if not ground.lenient:
            return False
        inside = path.relative_to(ground.folder).parts
        return any(part.startswith(".") for part in inside) or self._by_the_users_code()

    def _by_the_users_code(self) -> bool:
        """Say whether a function of the user's own is among those that are being called."""
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            if self._is_the_users(frame.f_code.co_filename):
                return True
            frame = frame.f_back
        return False

    def _is_the_users(self, file: str) -> bool:
        for folder in self.code:
            if file.startswith(folder):
                inside = Path(file[len(folder) :]).parts
                return "site-packages" not in inside and not inside[0].startswith(".")
        return False

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Let this thread write anywhere: recipec's own code, called from within."""
        before = getattr(self.open, "now", False)
        self.open.now = True
        try:
            yield
        finally:
            self.open.now = before


_guard: list[Guard] = []
_heard: list[bool] = []


@contextlib.contextmanager
def guarded(guard: Guard) -> Iterator[None]:
    """Hold all threads of the process to a guard, but those of hooks that are late."""
    if not _heard:
        sys.addaudithook(_hear)  # it can't be taken away again, and costs little
        _heard.append(True)
    _guard.append(guard)
    try:
        yield
    finally:
        _guard.remove(guard)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _guard or event not in _PATHS:
        return
    guard = _guard[-1]
    if getattr(guard.open, "now", False) or threading.get_ident() in limited.threads:
        return
    with guard.opened():  # what judging does itself
        guard.judge(event, arguments)


def _opens_for_writing(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    if isinstance(mode, str):
        return not {"w", "a", "x", "+"}.isdisjoint(mode)
    return isinstance(flags, int) and bool(flags & _WRITING)


def _real(arguments: tuple[Any, ...], at: int, folder: int | None, *, follow: bool) -> Path | None:
    """Give the real path that an event is about; None for a file descriptor or a device."""
    given = arguments[at]
    if not isinstance(given, str | bytes | os.PathLike):
        return None
    path = Path(os.fsdecode(given))
    if folder is not None and not path.is_absolute() and len(arguments) > folder:
        descriptor = arguments[folder]
        if isinstance(descriptor, int) and descriptor >= 0:
            try:
                path = Path(f"/proc/self/fd/{descriptor}").readlink() / path
            except OSError:  # not Linux: the path can't be told
                return None
    real = os.path.realpath(path) if follow else os.path.realpath(path.parent)
    found = Path(real) if follow else Path(real) / path.name
    return None if found.parts[:2] in (("/", "dev"), ("/", "proc")) else found
