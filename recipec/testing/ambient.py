"""The state of the process that an operator shares with everything else and must leave alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def ambient_state() -> dict[str, Any]:
    """Give what a run could leave changed behind it: values that can be compared.

    NumPy's and torch's are among them where these are loaded; they aren't imported for it.
    """
    state: dict[str, Any] = {
        "working directory": str(Path.cwd()),
        "random": _digest(repr(random.getstate()).encode()),
        **{f"environment variable {name}": value for name, value in os.environ.items()},
    }
    if numpy := sys.modules.get("numpy"):
        name, keys, *rest = numpy.random.get_state()
        state["numpy.random"] = _digest(keys.tobytes() + repr((name, rest)).encode())
    if torch := sys.modules.get("torch"):
        state |= {
            "torch's random state": _digest(torch.get_rng_state().numpy().tobytes()),
            "torch's thread count": torch.get_num_threads(),
            "torch's deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
            "torch's default dtype": str(torch.get_default_dtype()),
            "torch's gradient mode": torch.is_grad_enabled(),
        }
    return state


def seed_everything(seed: int) -> None:
    """Seed Python, and NumPy and torch where they are loaded."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name what differs; what only appeared (a library was loaded meanwhile) doesn't count."""
    return [name for name, value in before.items() if after.get(name) != value]


@contextlib.contextmanager
def captured_stdout() -> Iterator[list[str]]:
    """Collect what Python or a C library writes to standard output: one text, when it is over."""
    said: list[str] = []
    sys.stdout.flush()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        kept = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            with contextlib.redirect_stdout(file):
                yield said
        finally:
            file.flush()
            os.dup2(kept, 1)
            os.close(kept)
            file.seek(0)
            said.append(file.read())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
