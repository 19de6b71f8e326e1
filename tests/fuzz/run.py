"""Fuzz the front end: recipes that are grown, mutated and made up are planned, or refused well.

    python tests/fuzz/run.py [--inputs 100000] [--seed 0] [--jobs 2] [--keep FOLDER]

For each input: no exception but a RecipecError, at least one diagnostic with a place in the file,
two plans that are equal, at most 2 s of CPU time and 500 MiB. Inputs that break this are kept, as
the exact recipe and the trace, in FOLDER. Exits with 1 when there are any.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

TESTS = Path(__file__).parents[1]
BATCH = 1000
"""Inputs of one process, which then ends: what one leaves behind doesn't add up."""
STUCK = 120
"""Wall seconds without an answer after which a process is stuck where no signal reaches it."""


def batches(inputs: int, seed: int, jobs: int) -> Iterator[dict[str, Any]]:
    """Give what was told of each input, as processes end."""
    sizes = [min(BATCH, inputs - begun) for begun in range(0, inputs, BATCH)]
    told: Queue[dict[str, Any] | None] = Queue()

    def one(number: int, size: int) -> None:
        try:
            for line in _worked(seed * 1_000_003 + number, size):
                told.put(line)
        finally:
            told.put(None)

    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(one, number, size) for number, size in enumerate(sizes)]
        ended = 0
        while ended < len(waiting):
            line = told.get()
            if line is None:
                ended += 1
            else:
                yield line
        for done in waiting:
            done.result()


def _worked(seed: int, count: int) -> Iterator[dict[str, Any]]:
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-X", "faulthandler", "-m", "fuzz.worker", str(seed), str(count)]
    with tempfile.TemporaryDirectory() as folder:
        now, errors = Path(folder, "now"), Path(folder, "errors")
        with errors.open("w") as said:
            process = subprocess.Popen(
                [*command, folder],
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                env=environment,
                cwd=folder,
            )
        assert process.stdout is not None
        watch = threading.Thread(target=_watch, args=(process, now), daemon=True)
        watch.start()
        yield from map(json.loads, process.stdout)
        if code := process.wait():
            given = json.loads(now.read_text()) if now.exists() else None
            trace = errors.read_text()[-4000:]
            yield {"crash": f"the process ended with {code}", "trace": trace, "input": given}


def _watch(process: subprocess.Popen[str], now: Path) -> None:
    """End a process that tries one input for too long, where no signal of its own reaches it."""
    while process.poll() is None:
        time.sleep(5)
        if now.exists() and time.time() - now.stat().st_mtime > STUCK:
            process.kill()


class Tally:
    """Counts what came out."""

    def __init__(self, keep: Path) -> None:
        self.keep = keep
        self.inputs = 0
        self.kinds: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.crashes: dict[str, int] = {}
        self.slowest: dict[str, Any] = {"seconds": 0.0}
        self.memory = 0

    def add(self, told: dict[str, Any]) -> None:
        """Count one input; keep one that broke a property, unless its like is kept already."""
        self.inputs += 1
        self.kinds[told.get("kind", "?")] += 1
        self.memory = max(self.memory, told.get("memory", 0))
        if told.get("seconds", 0.0) > self.slowest["seconds"]:
            self.slowest = told
        if "crash" in told:
            self.outcomes["broke a property"] += 1
            self._keep(told)
            return
        self.outcomes["refused" if told["codes"] else "planned"] += 1
        self.codes.update(told["codes"])

    def _keep(self, told: dict[str, Any]) -> None:
        place = [line for line in told["trace"].splitlines() if line.startswith("  File ")]
        like = told["crash"].partition(":")[0] + (place[-1] if place else "")
        self.crashes[like] = self.crashes.get(like, 0) + 1
        if self.crashes[like] > 3:
            return
        self.keep.mkdir(parents=True, exist_ok=True)
        given = told["input"] or {"data": ""}
        data = base64.b64decode(given["data"])
        name = hashlib.sha256(data).hexdigest()[:12]
        (self.keep / f"{name}.yaml").write_bytes(data)
        asked = {key: value for key, value in given.items() if key != "data"}
        (self.keep / f"{name}.txt").write_text(
            f"{told['crash']}\n{asked}\n\n{told['trace']}",
            encoding="utf-8",
            errors="backslashreplace",  # a trace may hold half of a surrogate pair
        )

    def text(self) -> str:
        """Give the counts as lines."""
        lines = [f"{self.inputs:,} inputs"]
        lines += [f"  {n:>9,}  {kind}" for kind, n in self.kinds.most_common()]
        lines += ["outcomes", *(f"  {n:>9,}  {what}" for what, n in self.outcomes.most_common())]
        lines += ["codes", *(f"  {n:>9,}  {code}" for code, n in self.codes.most_common())]
        slow = self.slowest
        lines.append(f"slowest: {slow['seconds']:.2f} s CPU, {slow.get('bytes', 0):,} bytes")
        lines.append(f"peak memory of a process: {self.memory / 2**20:.0f} MiB")
        if self.crashes:
            lines.append(f"broken properties, kept in {self.keep}:")
            lines += [f"  {n:>9,}  {like}" for like, n in sorted(self.crashes.items())]
        return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-crashes"))
    asked = parser.parse_args()
    tally = Tally(asked.keep)
    for told in batches(asked.inputs, asked.seed, asked.jobs):
        tally.add(told)
        if tally.inputs % 5000 == 0:
            print(f"{tally.inputs:,} inputs, {sum(tally.crashes.values())} broke", file=sys.stderr)
    print(tally.text())
    return int(bool(tally.crashes))


if __name__ == "__main__":
    sys.exit(main())
