"""A process that tries inputs, within limits of time and memory, and tells of each.

    python -m fuzz.worker SEED COUNT FOLDER

It writes one JSON line for each input, and the input being tried to FOLDER/now, so that whoever
started it knows which one ended it.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import time
import traceback
from base64 import b64encode
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from fuzz.inputs import Input, inputs
from fuzz.properties import outcome
from fuzz.stand_in import installed, replace_heavy_halves, techniques

SECONDS = 2.0
"""CPU time that an input may take."""
MEMORY = 500 * 2**20
"""Bytes that the process may have beyond those that it begins with."""
BASE = """\
apiVersion: recipec/v1
name: base
vars: {amount: 0.5}
model: {uses: toys.model}
data: {train: {uses: toys.numbers}}
stages:
  - {id: trained, uses: toys.scale}
  - {id: prune, uses: toys.drop, with: {amount: "${vars.amount}"}}
"""
FILES = {
    "base.yaml": BASE,
    "cycle.yaml": "apiVersion: recipec/v1\nextends: cycle.yaml\n",
    "broken.yaml": "apiVersion: recipec/v1\nname: [\n",
    "model.py": "def net():\n    return None\n",
    "broken.py": "def net(:\n",
    "data.json": "[1, 2, 3]\n",
}
"""What stands beside the recipe, for it to name."""


class TooSlow(BaseException):
    """An input takes more than its time: nothing may catch it on its way."""


def main(number: int, count: int, folder: Path) -> None:
    """Try `count` inputs that follow from a seed."""
    replace_heavy_halves()
    catalogs = {True: installed(), False: techniques()}
    project = folder / "above" / "project"  # an input may name `..`, which must be small and stay
    project.mkdir(parents=True)
    for name, text in FILES.items():
        (project / name).write_text(text)
    (project / "folder").mkdir()
    (project / "loop").symlink_to("loop")
    os.mkfifo(project / "pipe")
    path = project / "recipe.yaml"
    signal.signal(signal.SIGPROF, _too_slow)
    _warm_up(path, catalogs)
    began = _address_space()
    resource.setrlimit(resource.RLIMIT_AS, (began + MEMORY, began + MEMORY))

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs)
    def try_all(given: Input) -> None:
        path.write_bytes(given.data)
        (folder / "now").write_text(json.dumps(_described(given)))
        print(json.dumps(_tried(given, path, catalogs[given.installed])), flush=True)

    try_all()
    (folder / "now").unlink(missing_ok=True)


def _tried(given: Input, path: Path, catalog: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": given.kind, "bytes": len(given.data)}
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        told["codes"] = outcome(path, catalog, given.settings, given.presets)
    except (Exception, TooSlow) as problem:
        signal.setitimer(signal.ITIMER_PROF, 0)
        told["crash"] = f"{type(problem).__name__}: {problem}"[:500]
        told["trace"] = "".join(traceback.format_exception(problem)[-12:])
        told["input"] = _described(given)
    signal.setitimer(signal.ITIMER_PROF, 0)
    told["seconds"] = time.process_time() - began
    told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return told


def _described(given: Input) -> dict[str, Any]:
    return {**given._asdict(), "data": b64encode(given.data).decode()}


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TooSlow(f"more than {SECONDS} s")


def _warm_up(path: Path, catalogs: dict[bool, Any]) -> None:
    """Import and build what is imported and built once, which is no input's time."""
    from fuzz.corpus import recipes

    for data in recipes():
        path.write_bytes(data)
        for catalog in catalogs.values():
            try:
                outcome(path, catalog)
            except Exception:  # tried again, and told, as an input
                continue
    gc.collect()
    gc.freeze()


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
