"""Calls that may not come back: each is given its time, and then left to itself.

A call that is late is told to end by an exception, which reaches Python code and not what waits in
C. If it stays, it stays in a daemon thread, which ends with the process; whoever made it isn't
called again while it is busy.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import queue

SECONDS: Final = 10.0
"""How long a hook or a probe may take."""

threads: Final[set[int]] = set()
"""The threads in which such calls are made."""


class Late(Exception):
    """A call didn't come back in time, or an earlier one of the same caller hasn't yet."""


class GivenUp(BaseException):
    """Raised in a call that is late; no Exception, as plugins catch those."""


class _Outcome(NamedTuple):
    value: Any = None
    problem: BaseException | None = None


class _Worker:
    """A thread that makes one caller's calls, so that they all come from the same thread."""

    def __init__(self, name: str) -> None:
        import queue  # only needed where something is called

        self.busy_with: str | None = None
        self._queue = queue.SimpleQueue
        self._empty = queue.Empty
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], queue.SimpleQueue[_Outcome]]] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._work, name=f"recipec {name}", daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], Any], what: str, seconds: float) -> Any:
        answer: queue.SimpleQueue[_Outcome] = self._queue()
        self.busy_with = what
        self._calls.put((function, answer))
        try:
            outcome = answer.get(timeout=seconds)
        except self._empty:
            self._give_up()
            raise Late(f"took longer than {seconds:g} s and was given up") from None
        if outcome.problem is not None:
            raise outcome.problem
        return outcome.value

    def _give_up(self) -> None:
        import ctypes  # only needed once something is late

        ident = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(GivenUp))

    def _work(self) -> None:
        threads.add(threading.get_ident())
        while True:
            with contextlib.suppress(GivenUp):  # it came when the call was over already
                self._work_once()

    def _work_once(self) -> None:
        function, answer = self._calls.get()
        try:
            outcome = _Outcome(function())
        except BaseException as problem:  # whatever it is: it is raised where it was called
            outcome = _Outcome(problem=problem)
        self.busy_with = None
        answer.put(outcome)


_workers: dict[int, tuple[object, _Worker]] = {}
"""By the caller's id; the caller is kept, so that the id stays its own."""


def limited(
    function: Callable[[], Any], *, caller: object, what: str, seconds: float | None = None
) -> Any:
    """Call a function for at most so many seconds (10 when left out), and give what it gives.

    Calls of one `caller` are made in one thread. `what` names the call. Raises Late, and whatever
    the function raises.
    """
    if id(caller) not in _workers:
        _workers[id(caller)] = caller, _Worker(what)
    _, worker = _workers[id(caller)]
    if worker.busy_with is not None:
        raise Late(f"wasn't asked, as {worker.busy_with} hasn't come back yet")
    return worker.call(function, what, SECONDS if seconds is None else seconds)
