"""It takes its process down with it, or never comes back."""

import ctypes
import os
import signal
import subprocess
import sys
import time

from hostile_plugins.change import Change
from recipec.api import OperatorError, hookimpl


class Crash(Change):
    id = "crashing.crash"

    def mischief(self, inputs, context):
        how = self.with_.how
        print("about to", how)
        context.progress(1, 2, how)
        if how == "exit":
            os._exit(0)
        elif how == "segfault":
            ctypes.string_at(0)
        elif how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif how == "hang":
            sleeping = subprocess.Popen(["sleep", "600"])
            (context.scratch / "child").write_text(str(sleeping.pid))
            time.sleep(600)
        elif how == "eat":
            eaten = []
            while True:
                eaten.append(bytearray(1 << 24))
        elif how == "leave a child":
            sleeping = subprocess.Popen(["sleep", "600"])
            (context.scratch / "child").write_text(str(sleeping.pid))
            self.left = sleeping
        elif how == "sys.exit":
            sys.exit(3)
        elif how == "refuse":
            raise OperatorError("it can't be done", at=("how",), hint="don't")
        elif how == "raise":
            raise ZeroDivisionError("division by zero")
        elif how == "interrupt":
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(600)


class Apart(Crash):
    id = "crashing.apart"
    isolation = "process"


@hookimpl
def recipec_operators():
    return [Crash, Apart]
