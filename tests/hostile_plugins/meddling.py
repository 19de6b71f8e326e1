"""It leaves the process other than it found it."""

import logging
import os
import random
import signal
import warnings

from hostile_plugins.change import Change
from recipec.api import StagePlan, hookimpl


def meddle():
    os.chdir("/")
    os.environ["HOME"] = "/nowhere"
    os.environ["MEDDLED"] = "1"
    os.umask(0o777)
    random.seed(1)
    warnings.simplefilter("ignore")
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger().addHandler(logging.NullHandler())
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Meddle(Change):
    id = "meddling.meddle"

    def plan(self, inputs, context):
        if self.with_.how == "plan":
            meddle()
        return StagePlan({"model": inputs["model"]})

    def mischief(self, inputs, context):
        if self.with_.how == "run":
            meddle()


@hookimpl
def recipec_operators():
    return [Meddle]


@hookimpl
def recipec_stage_started(stage):
    if stage.id == "packed":
        os.chdir("/")
