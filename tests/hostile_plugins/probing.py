"""Its probes raise, hang, and answer what is no version."""

import threading

from hostile_plugins.change import Change
from recipec.api import Capability, Requirement, StagePlan, hookimpl

released = threading.Event()


def _raise():
    raise OSError("libacme.so: cannot open shared object file")


class Needs(Change):
    id = "probing.needs"

    def plan(self, inputs, context):
        wanted = (Requirement(self.with_.how, "buy one"),)
        return StagePlan({"model": inputs["model"]}, requires=wanted)


@hookimpl
def recipec_operators():
    return [Needs]


@hookimpl
def recipec_capabilities():
    return [
        Capability("raising-thing", _raise, "a probe that raises"),
        Capability("hanging-thing", released.wait, "a probe that hangs"),
        Capability("numbered-thing", lambda: 3.1, "a probe that answers a number"),
    ]
