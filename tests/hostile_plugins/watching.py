"""Its observers raise, hang, and exit."""

import sys
import threading

from recipec.api import hookimpl

released = threading.Event()
calls = []


@hookimpl
def recipec_stage_started(stage):
    calls.append(stage.id)
    if stage.id == "model":
        raise KeyError("no such host")
    if stage.id == "big":
        sys.exit("enough")
    released.wait()


@hookimpl
def recipec_run_finished(record):
    record.clear()
    return 7
