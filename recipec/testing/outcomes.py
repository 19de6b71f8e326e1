"""One run of an operator, and all that can be said about it afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipec.api import Artifact, Operator, StageResult
from recipec.api.digests import digest_path
from recipec.testing.ambient import ambient_state, captured_stdout, changed, seed_everything
from recipec.testing.contexts import MADE, SCRATCH, AloneRunContext
from recipec.testing.frameworks import FRAMEWORKS
from recipec.testing.processes import Ended, run_apart
from recipec.testing.watching import outside


@dataclass(frozen=True)
class Outcome:
    """A run in this process. `kept` are the attributes that the operator has only since."""

    inputs: Mapping[str, Artifact[Any]]
    inputs_after: Mapping[str, str]
    context: AloneRunContext
    result: StageResult
    stdout: str
    changed: list[str]
    kept: list[str]

    @property
    def digests(self) -> dict[str, str]:
        """The sha256 of each declared output that was made, by port."""
        return digests_in(self.context.folder, self.context.operator)


def run_here(
    operator: Operator[Any], inputs: Mapping[str, Artifact[Any]], folder: Path, *, seed: int
) -> Outcome:
    """Run in this process, from a random state of its own."""
    context = AloneRunContext(folder, operator)
    attributes = dict(vars(operator))
    seed_everything(seed)
    loaded, before = set(sys.modules), ambient_state()
    try:
        with captured_stdout() as said:
            result = operator.run(inputs, context)
    finally:
        after = ambient_state()
        os.chdir(before["working directory"])
    digests = {port: digest_path(artifact.path) for port, artifact in inputs.items()}
    kept = [name for name, value in vars(operator).items() if attributes.get(name) is not value]
    found = changed(before, after)
    if any(name.partition(".")[0] in FRAMEWORKS for name in set(sys.modules) - loaded):
        # Importing scikit-learn draws random numbers. The next run tells whether the operator does.
        found = [what for what in found if what not in ("random", "numpy.random")]
    return Outcome(inputs, digests, context, result, said[0], found, kept)


@dataclass(frozen=True)
class Apart:
    """A run in another process, on the inputs and files of a run in this one."""

    ended: Ended
    digests: Mapping[str, str]
    strayed: list[str]
    used_scratch: bool


def run_again_apart(operator: Operator[Any], params: Mapping[str, Any], run: Outcome) -> Apart:
    """Run in another process, in a folder of its own."""
    given = run.context.folder
    folder = given.with_name(f"{given.name}-apart")
    ended = run_apart(type(operator), params, run.inputs, folder, given)
    scratch = folder / SCRATCH
    strayed = outside(ended.did, folder / MADE, scratch, folder / "temporary")
    strayed += [f"leaves {p.name} in its folder" for p in folder.iterdir() if p.name not in _OWN]
    strayed += [
        f"writes {path.name} beside its outputs"
        for path in (folder / MADE).glob("*")
        if path not in {path_of(folder, operator, port) for port in operator.outputs}
    ]
    return Apart(
        ended, digests_in(folder, operator), list(dict.fromkeys(strayed)), scratch.is_dir()
    )


_OWN = {MADE, SCRATCH, "temporary"}


def digests_in(folder: Path, operator: Operator[Any]) -> dict[str, str]:
    """Give the sha256 of each declared output that a run in `folder` made, by port."""
    paths = {port: path_of(folder, operator, port) for port in operator.outputs}
    return {
        port: digest_path(path, operator.outputs[port].kind.unstable)
        for port, path in paths.items()
        if path.exists()
    }


def path_of(folder: Path, operator: Operator[Any], port: str) -> Path:
    """Give the path of an output of a run in `folder`."""
    return folder / MADE / f"{port}{operator.outputs[port].kind.suffix}"
