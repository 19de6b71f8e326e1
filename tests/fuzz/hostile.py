"""Hostile recipes are refused, or planned, within 2 s and 500 MiB.

    python tests/fuzz/hostile.py [NAME ...]

Each of `hostile_recipes.py` is tried in a process of its own, without the garbage collector as on
the command line. Printed are its CPU time and the most memory that the process ever has, all that
is imported included. Exits with 1 when a limit is exceeded, or a rejection is without a place.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.hostile_recipes import HOSTILE
from fuzz.properties import Violation, check_rejection
from fuzz.stand_in import installed, replace_heavy_halves
from recipec.diagnostics import RecipecError
from recipec.plan import Forgetful, Machine, Planning, make_plan
from recipec.recipe.load import load_variants

SECONDS, MEMORY = 2.0, 500 * 2**20
STUCK = 60
"""CPU seconds after which nobody waits any longer."""


def tried(name: str, folder: Path) -> dict[str, object]:
    """Try one recipe in a child process; say how it ended, its CPU seconds and its peak memory."""
    path, answer = folder / "recipe.yaml", folder / "answer.json"
    answer.write_text(json.dumps({"outcome": f"killed after {STUCK} s"}))
    path.write_text(HOSTILE[name](), encoding="utf-8")
    command = [sys.executable, __file__, "--one", str(path), str(answer)]
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (STUCK, STUCK))
        os.execv(sys.executable, command)
    _, _, usage = os.wait4(child, 0)
    return {"memory": usage.ru_maxrss * 1024, "seconds": STUCK, **json.loads(answer.read_text())}


def one(path: Path, answer: Path) -> None:
    """Load and plan a recipe, and write down how that ended."""
    replace_heavy_halves()
    catalog = installed()
    gc.disable()
    began = time.process_time()
    try:
        recipe = load_variants(path)[0]
        make_plan(Planning(recipe, catalog, Machine(catalog.capabilities), Forgetful()))
        outcome = "planned"
    except RecipecError as problem:
        codes = {diagnostic.code for diagnostic in problem.diagnostics}
        outcome = ", ".join(sorted(codes - {"more-errors"}))
        try:
            check_rejection(problem, path)
        except Violation as broken:
            outcome = f"broken: {broken}"
    except Exception as problem:
        outcome = f"broken: {type(problem).__name__}: {problem}"
    seconds = time.process_time() - began
    answer.write_text(json.dumps({"outcome": outcome, "seconds": seconds}))


def main(names: list[str]) -> int:
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        for name in names or list(HOSTILE):
            told = tried(name, Path(folder))
            seconds, memory = float(str(told["seconds"])), int(str(told["memory"]))
            fine = seconds <= SECONDS and memory <= MEMORY
            fine &= not str(told["outcome"]).startswith(("broken", "killed"))
            kept &= fine
            said = f"{seconds:5.2f} s {memory / 2**20:5.0f} MiB  {name}: {told['outcome']}"
            print(said if fine else f"{said}  EXCEEDED", flush=True)
    print(
        "all within" if kept else "NOT all within", f"{SECONDS:.0f} s and {MEMORY / 2**20:.0f} MiB"
    )
    return int(not kept)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main(sys.argv[1:]))
