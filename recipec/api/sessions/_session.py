"""A model that is loaded and can be run, whatever runs it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from numpy.typing import NDArray

from recipec.api.artifacts import Artifact, TensorSpec
from recipec.api.errors import OperatorError
from recipec.api.unknown import Unknown

Array = NDArray[Any]


class Session(Protocol):
    """One loaded model.

    Used in three steps, so that the one in the middle can be timed: `feed` puts arrays where the
    model reads them, `run` computes and returns when it is done, `fetch` gets the first output.
    """

    def active(self) -> AbstractContextManager[None]:
        """Set the process up to run this model (threads, no gradients), and restore it after."""
        ...

    def feed(self, arrays: Sequence[Array]) -> Any:
        """Take inputs, each `[N, …]`, in the order of the model's own. Raises OperatorError."""
        ...

    def run(self, feed: Any) -> Any:
        """Compute. What the runtime raises comes through."""
        ...

    def fetch(self, result: Any) -> Array:
        """Give the first output as a NumPy array."""
        ...


def open_session(artifact: Artifact[Any], threads: int) -> Session:
    """Load a model, to be run on `threads` threads. Raises OperatorError when it can't be.

    What loads it is the `session` of its kind.
    """
    where = getattr(artifact.facts, "session", None)
    if where is None:
        raise OperatorError(f"nothing here runs a {artifact.facts.kind}")
    module, _, name = where.partition(":")
    session: Session = getattr(importlib.import_module(module), name)(artifact, threads)
    return session


def input_specs(artifact: Artifact[Any]) -> tuple[TensorSpec, ...]:
    """Give a model's inputs. Raises OperatorError when they aren't known."""
    inputs: tuple[TensorSpec, ...] | Unknown = artifact.facts.inputs
    if isinstance(inputs, Unknown):
        raise OperatorError(f"the inputs of this {artifact.facts.kind} are not known")
    return inputs
