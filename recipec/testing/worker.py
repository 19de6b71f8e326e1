"""The program that does a plan or a run in another process, from JSON alone.

It is started from its file, so that it imports nothing but `recipec.api`, the contexts, and what
the operator imports. Tasks come in on standard input, a line of JSON each; a line with the child's
exit status goes out. Where the system can fork, each task gets a child of its own of a process that
knows no plugin; elsewhere, the program ends after one task.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def load(module: str, file: str, qualname: str) -> Any:
    """Give a class by its module and name. Raises ImportError, AttributeError."""
    found: Any = sys.modules.get(module)
    if found is None:
        # A test's own module has a name that can't be imported, so it is loaded from its file.
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as problem:
            if problem.name is None or not f"{module}.".startswith(f"{problem.name}."):
                raise
            spec = importlib.util.spec_from_file_location(module, file)
            if spec is None or spec.loader is None:
                raise
            found = sys.modules[module] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(found)
    for name in qualname.split("."):
        found = getattr(found, name)
    return found


def kit(name: str) -> Any:
    """Give a module of this folder without `recipec.testing`, which would import pytest."""
    alias = f"recipec_testing_{name}"
    if alias not in sys.modules:
        spec = importlib.util.spec_from_file_location(alias, HERE / f"{name}.py")
        if spec is None or spec.loader is None:
            raise ImportError(name)
        sys.modules[alias] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[alias])
    return sys.modules[alias]


def planned(task: dict[str, Any]) -> dict[str, Any]:
    """Plan an operator, and say what the plan did besides."""
    operator, contexts = load(*task["operator"]), kit("contexts")
    params = operator.params.model_validate(task["params"])
    inputs = {port: load(*kind).from_json(facts) for port, (kind, facts) in task["inputs"].items()}
    context = contexts.AlonePlanContext(Path(task["folder"]), answers=task["answers"])
    with kit("watching").watched() as did:
        plan = operator(params).plan(inputs, context)
    return {"plan": kit("written").plan_as_json(plan), "did": did}


def ran(task: dict[str, Any]) -> dict[str, Any]:
    """Run an operator, and say what it made and wrote."""
    from recipec.api import Artifact

    operator, contexts = load(*task["operator"]), kit("contexts")
    params = operator.params.model_validate(task["params"])
    inputs = {
        port: Artifact(load(*kind).from_json(facts), Path(path), digest)
        for port, (kind, facts, path, digest) in task["inputs"].items()
    }
    context = contexts.AloneRunContext(
        Path(task["folder"]), operator(params), files=Path(task["files"])
    )
    # Libraries keep their temporary files there; an operator's own belong into its scratch.
    tempfile.tempdir = os.environ["TMPDIR"] = task["temporary"]
    end_when_told(task["kill"], context.folder / contexts.SCRATCH)
    with kit("watching").watched() as did:
        result = context.operator.run(inputs, context)
    return {"result": kit("written").result_as_json(result), "did": did}


def offered(task: dict[str, Any]) -> dict[str, Any]:
    """Import a plugin and ask it for all it offers; say what that did besides."""
    probed = {}
    with kit("watching").watched() as did:
        plugin = importlib.import_module(task["module"])
        for name in task["object"].split(".") if task["object"] else ():
            plugin = getattr(plugin, name)
        for hook in task["hooks"]:
            for one in (getattr(plugin, hook)() or ()) if hasattr(plugin, hook) else ():
                if hook == "recipec_operators":
                    one.params.model_json_schema()
    if task["probes"] and hasattr(plugin, "recipec_capabilities"):
        # Outside of `watched`: a probe may start a program to ask it for its version.
        probed = {one.name: one.probe() for one in plugin.recipec_capabilities()}
    return {"did": did, "probed": probed}


def end_when_told(kill: dict[str, float] | None, scratch: Path) -> None:
    """Kill this process after some seconds, or as soon as there is something in its scratch."""
    if kill is None:
        return

    def waiting() -> None:
        if "seconds" in kill:
            time.sleep(kill["seconds"])
        else:
            while not (scratch.is_dir() and any(scratch.iterdir())):
                time.sleep(0.0005)
            time.sleep(kill["after_scratch"])
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    threading.Thread(target=waiting, daemon=True).start()


DO: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "plan": planned,
    "run": ran,
    "offer": offered,
}


def obey(task: dict[str, Any]) -> int:
    """Do a task and write the answer into the file that it names; give the exit status."""
    sys.path[:] = task["path"]
    sys.dont_write_bytecode = True
    for framework in task["blocked"]:
        sys.modules[framework] = None  # type: ignore[assignment]  # makes importing it an error
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        there = os.open(task[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(there, descriptor)
    os.chdir(task["cwd"])
    if task["seconds"] and hasattr(signal, "alarm"):
        signal.alarm(task["seconds"])
    try:
        answer = DO[task["do"]](task)
    except BaseException as problem:  # whatever an operator raises, the parent is told
        traceback.print_exc()
        answer = {"raised": f"{type(problem).__name__}: {problem}"}
    sys.stdout.flush()
    sys.stderr.flush()
    Path(task["answer"]).write_text(json.dumps(answer))
    return 0


def preload(modules: Iterable[str]) -> None:
    """Import what the children will need; what can't be imported, they will tell."""
    for module in modules:
        if module not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(module)


def in_child(task: dict[str, Any]) -> int:
    """Do a task in a forked child; give its exit status, negative for a signal."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = obey(task)
        finally:
            os._exit(status)  # nothing of the parent's may be flushed or cleaned up twice
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Do the tasks of standard input."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints while it is imported must not be taken for an answer
    for line in sys.stdin:
        task = json.loads(line)
        if not task["forks"]:
            sys.exit(obey(task))
        sys.path[:] = task["path"]
        preload(task["preload"])
        print(in_child(task), file=out, flush=True)


if __name__ == "__main__":
    main()
