"""Whatever kind a model is of, its session is the one that its kind names."""

import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from recipec.api import Artifact, Model, OperatorError, TensorSpec
from recipec.api.sessions import input_specs, open_session

pytestmark = pytest.mark.frameworks

INPUTS = (TensorSpec(name="x", shape=("N", 2)),)


class DoublingSession:
    """The runtime of models that double."""

    def __init__(self, artifact, threads):
        self.loaded = artifact.path, threads

    def active(self):
        return nullcontext()

    def feed(self, arrays):
        return arrays[0]

    def run(self, feed):
        return 2 * feed

    def fetch(self, result):
        return result


class Doubling(Model):
    kind = "acme.doubling"
    session: ClassVar[str | None] = "acme_runtime:DoublingSession"


class Silent(Model):
    kind = "acme.silent"


@pytest.fixture(autouse=True)
def _runtime(monkeypatch):
    module = ModuleType("acme_runtime")
    module.DoublingSession = DoublingSession
    monkeypatch.setitem(sys.modules, "acme_runtime", module)


def test_a_plugins_kind_is_run_by_its_own_session():
    session = open_session(Artifact(Doubling(inputs=INPUTS), Path("model"), ""), threads=3)
    assert session.loaded == (Path("model"), 3)
    assert session.fetch(session.run(session.feed([np.ones((1, 2))]))).tolist() == [[2.0, 2.0]]


def test_a_kind_without_a_session_is_not_run():
    with pytest.raises(OperatorError, match=r"nothing here runs a acme\.silent"):
        open_session(Artifact(Silent(inputs=INPUTS), Path("model"), ""), threads=1)


def test_inputs_that_are_not_known_are_an_error():
    with pytest.raises(OperatorError, match=r"inputs of this acme\.doubling are not known"):
        input_specs(Artifact(Doubling(), Path("model"), ""))
