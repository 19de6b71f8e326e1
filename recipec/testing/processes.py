"""Plans and runs an operator in another process, from JSON parameters and paths alone.

The processes come from `worker.py`. On Linux two of them stay for as long as the tests do, one that
has loaded no framework and one that has those that the tests have, and each task gets a forked
child: to import torch anew for each would take longer than all the rest.
"""

from __future__ import annotations

import atexit
import functools
import inspect
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from recipec.api import Artifact, Facts, Operator
from recipec.testing.frameworks import FRAMEWORKS
from recipec.testing.watching import Deed

WORKER: Final = Path(__file__).with_name("worker.py")
FORKS: Final = sys.platform == "linux"
"""Whether tasks are forked: elsewhere frameworks don't stand it, or there is no such thing."""
OFFER_SECONDS: Final = 60
"""How long a plugin may take to be imported and probed."""
_SLOW: Final = (
    *("torch", "torchvision", "torchao", "lightning_fabric", "transformers", "torchmetrics"),
    *("numpy", "scipy", "sklearn", "onnx", "onnxscript", "onnxruntime"),
)
"""What takes long to import, and is the same however it is imported."""
_LIGHT: Final = ("recipec.api.selectors", "recipec.registry", "recipec.api.published")


class Ended(NamedTuple):
    """How a task ended. `answer` is None where the process was killed or crashed."""

    status: int
    answer: dict[str, Any] | None
    stdout: str
    stderr: str

    @property
    def killed(self) -> bool:
        return self.status in (-getattr(signal, "SIGKILL", signal.SIGTERM), 15)

    @property
    def raised(self) -> str | None:
        """What went wrong, in a line; None where all went well."""
        if self.answer is None:
            if self.status == -getattr(signal, "SIGALRM", 0):
                return f"it took longer than {OFFER_SECONDS} seconds"
            return f"the process ended with status {self.status}"
        raised: str | None = self.answer.get("raised")
        return raised

    @property
    def did(self) -> list[Deed]:
        return [Deed(*deed) for deed in (self.answer or {}).get("did", ())]


def plan_apart(
    operator: type[Operator[Any]],
    params: Mapping[str, Any],
    inputs: Mapping[str, Facts],
    folder: Path,
    answers: Mapping[str, Any],
) -> Ended:
    """Plan in another process where no framework can be imported.

    `answers` are the inspections that the plan may ask for (`AlonePlanContext.answers`).
    """
    task = {
        "do": "plan",
        "operator": _location(operator),
        "params": dict(params),
        "inputs": {port: [_location(type(f)), f.to_json()] for port, f in inputs.items()},
        "folder": str(folder),
        "answers": dict(answers),
    }
    return _done(task, blocked=FRAMEWORKS)


def run_apart(
    operator: type[Operator[Any]],
    params: Mapping[str, Any],
    inputs: Mapping[str, Artifact[Any]],
    folder: Path,
    files: Path,
    kill: Mapping[str, float] | None = None,
) -> Ended:
    """Run in another process, in `folder`; the recipe's local files are in `files`.

    `kill` ends the process by SIGKILL: after so many `seconds`, or so long `after_scratch` holds
    something.
    """
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    task = {
        "do": "run",
        "operator": _location(operator),
        "params": dict(params),
        "inputs": {
            port: [_location(type(a.facts)), a.facts.to_json(), str(a.path), a.digest]
            for port, a in inputs.items()
        },
        "folder": str(folder),
        "files": str(files),
        "temporary": str(temporary),
        "kill": None if kill is None else dict(kill),
    }
    return _done(task)


def offer_apart(module: str, name: str, hooks: Sequence[str], *, probes: bool = False) -> Ended:
    """Import a plugin where no framework can be imported, and call its hooks that offer things.

    With `probes`, the capabilities that it offers are probed; the answer has what each found.
    """
    task = {"do": "offer", "module": module, "object": name, "hooks": list(hooks), "probes": probes}
    return _done(task, blocked=FRAMEWORKS, seconds=OFFER_SECONDS)


def _location(thing: type[Any]) -> tuple[str, str, str]:
    return thing.__module__, inspect.getfile(thing), thing.__qualname__


def _done(task: dict[str, Any], blocked: Sequence[str] = (), seconds: int = 0) -> Ended:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        cwd = here / "cwd"
        cwd.mkdir()
        files = {name: here / name for name in ("answer", "stdout", "stderr")}
        whole = {
            **task,
            **{name: str(path) for name, path in files.items()},
            "path": sys.path,
            "blocked": list(blocked),
            "preload": list(_LIGHT) if blocked else [*_LIGHT, *_loaded_frameworks()],
            "cwd": str(cwd),
            "forks": FORKS,
            "seconds": seconds,
        }
        status = _worker(bool(blocked)).ask(whole) if FORKS else _once(whole)
        texts = {
            name: path.read_text(errors="replace") if path.exists() else ""
            for name, path in files.items()
        }
        answer = json.loads(texts["answer"]) if texts["answer"] else None
        left = [path.name for path in cwd.iterdir()]
        if answer is not None and left:
            answer.setdefault("did", []).extend(
                ["leaves in the working directory:", name] for name in left
            )
        return Ended(status, answer, texts["stdout"], texts["stderr"])


def _loaded_frameworks() -> list[str]:
    """Name the frameworks' modules that are loaded here, in the order in which they were."""
    return [name for name in list(sys.modules) if name.partition(".")[0] in _SLOW]


class _Worker:
    """A process that forks a child for each task; it ends with this one."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.end)

    def end(self) -> None:
        """Tell it that there is nothing more to do, and wait for its end."""
        self.process.communicate()

    def ask(self, task: dict[str, Any]) -> int:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the worker was started with pipes")
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        if not said:
            raise RuntimeError(f"the worker ended with status {self.process.wait()}")
        return int(said)


@functools.cache
def _worker(light: bool) -> _Worker:
    return _Worker()


def _once(task: dict[str, Any]) -> int:
    done = subprocess.run(
        [sys.executable, "-P", str(WORKER)],
        input=json.dumps(task) + "\n",
        text=True,
        stdout=subprocess.DEVNULL,
    )
    return done.returncode
