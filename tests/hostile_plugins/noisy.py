"""It writes to standard output in every way there is."""

import ctypes
import os
import subprocess
import sys

from hostile_plugins.change import Change
from recipec.api import hookimpl


class Noise(Change):
    id = "noisy.noise"

    def mischief(self, inputs, context):
        print("printed")
        sys.__stdout__.write("past the wall\n")
        sys.stdout.buffer.write(b"bytes\n")
        os.write(1, b"to the descriptor\n")
        ctypes.CDLL(None).puts(b"from C")
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)


@hookimpl
def recipec_operators():
    return [Noise]


@hookimpl
def recipec_stage_finished(stage, outcome):
    if stage.id == "packed":
        print("finished")
