"""Start a stage's own process, follow it, end it with all that it started, and say how it went."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

_PROGRAM: Final = Path(__file__).with_name("child.py")
_LOOK: Final = 0.05
"""Seconds between two looks at whether the process is still there."""
_GRACE: Final = 2.0
"""Seconds that an interrupted process has to end by itself."""


class Ended(NamedTuple):
    """How a stage's process ended.

    `answer` is its last message: how the work went, None when it never said. `late` says that its
    time was up. `status` is its exit code, or minus the signal that ended it.
    """

    answer: Mapping[str, Any] | None
    status: int
    late: bool


def run_apart(
    job: Mapping[str, Any],
    log: Path,
    progress: Callable[[float, float, str], None],
    seconds: float | None,
) -> Ended:
    """Do a job in a process of its own, for at most so many seconds; what it writes goes to `log`.

    Whatever it has started is ended with it (what stays in its process group).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with _started(log) as (process, telling, listening):
        until = None if seconds is None else time.monotonic() + seconds
        with contextlib.suppress(BrokenPipeError):  # it ended before it was told; `status` says how
            telling.write(f"{json.dumps(sys.path)}\n{json.dumps(job)}\n".encode())
            telling.flush()
        answers = _Answers(listening, progress)
        late = False
        while not answers.closed:
            if until is not None and time.monotonic() > until:
                late = True
                break
            answers.read(_LOOK)
            if _is_over(process):
                answers.read_rest()
                break
        _end_group(process, signal.SIGKILL)
        ended = Ended(answers.last, process.wait(), late)
    if not log.stat().st_size:
        log.unlink()
    return ended


@contextlib.contextmanager
def _started(log: Path) -> Iterator[tuple[subprocess.Popen[bytes], Any, int]]:
    job_read, job_write = os.pipe()
    answer_read, answer_write = os.pipe()
    process = None
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", str(_PROGRAM), str(job_read), str(answer_write)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(job_read, answer_write),
                start_new_session=True,
            )
        os.close(job_read)
        os.close(answer_write)
        job_read = answer_write = -1
        with os.fdopen(job_write, "wb", buffering=0, closefd=False) as telling:
            yield process, telling, answer_read
    except BaseException:  # an interruption above all: nothing of it stays behind
        if process is not None:
            _end_gently(process)
        raise
    finally:
        for descriptor in (job_read, job_write, answer_read, answer_write):
            if descriptor >= 0:
                os.close(descriptor)


class _Answers:
    """Reads messages: progress is passed on, the last other one is kept."""

    def __init__(self, listening: int, progress: Callable[[float, float, str], None]) -> None:
        self._listening, self._progress = listening, progress
        self._rest = b""
        self.last: Mapping[str, Any] | None = None
        self.closed = False

    def read(self, seconds: float) -> bool:
        """Read what comes within so many seconds; say whether something came."""
        if not select.select([self._listening], [], [], seconds)[0]:
            return False
        data = os.read(self._listening, 1 << 16)
        self.closed = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "progress" in message:
                self._progress(*message["progress"])
            else:
                self.last = message
        return bool(data)

    def read_rest(self) -> None:
        """Read what is there already."""
        while self.read(0):
            pass


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    """Say whether a process has ended; its id stays taken, so that its group can be ended."""
    options = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return os.waitid(os.P_PID, process.pid, options) is not None


def _end_gently(process: subprocess.Popen[bytes]) -> None:
    _end_group(process, signal.SIGTERM)
    until = time.monotonic() + _GRACE
    while not _is_over(process) and time.monotonic() < until:
        time.sleep(_LOOK)
    _end_group(process, signal.SIGKILL)
    process.wait()


def _end_group(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with contextlib.suppress(
        ProcessLookupError, PermissionError
    ):  # all of it is gone (macOS: EPERM)
        os.killpg(process.pid, how)
