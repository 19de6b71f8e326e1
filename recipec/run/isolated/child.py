"""The program of a stage's own process.

    python child.py JOB ANSWERS

Both are file descriptors. The first line of JOB is the parent's `sys.path`, the second the job;
when it ends, the parent is gone, and so is this process, with all that it has started. What goes to
standard output and error is the stage's log.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import threading
from typing import IO, Any


def main() -> None:
    """Run the stage that JOB describes."""
    source, target = int(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(source, False)
    os.set_inheritable(target, False)
    faulthandler.enable()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a file here
    with open(source, encoding="utf-8") as told, open(target, "w", encoding="utf-8") as answers:
        sys.path[:] = json.loads(told.readline())
        job = json.loads(told.readline())
        threading.Thread(target=_end_with_the_parent, args=(told,), daemon=True).start()
        from recipec.run.isolated.working import work

        work(job, lambda **message: _say(answers, message))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)  # what hangs at exit (threads, destructors) is no part of the stage


def _say(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _end_with_the_parent(told: IO[str]) -> None:
    told.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
