"""CPU time until recipec answers, as a ratio to the imports that it can't do without.

    python benchmarks/startup.py [--runs 15]

- `--help` against a bare `import click`;
- a dry run of a known model against the imports of click, PyYAML, pluggy and importlib.metadata
  with one Pydantic model validated.

The commands take turns, each in a process of its own; CPU time is user + system time of the whole
process as the kernel accounts it, and the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
RECIPE = ROOT / "recipes" / "seven-steps.yaml"
BARE_CLICK = "import click"
BARE_ALL = """
import click, yaml, pluggy, importlib.metadata, pydantic
class Model(pydantic.BaseModel):
    number: int
Model(number=1)
"""
LIMIT = 1.6
# pip leaves compiled bytecode beside what it installs; a checkout gets its own at the first run,
# unless it is told not to: then every run would measure the compiler.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def cpu_seconds(command: list[str], environment: dict[str, str] = ENVIRONMENT) -> float:
    """Give the CPU time of one process, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    recipec = str(Path(sys.executable).with_name("recipec"))
    with tempfile.TemporaryDirectory() as store:
        dry_run = [recipec, "compile", str(RECIPE), "--dry-run", "--store", store]
        commands = {
            "import click": [sys.executable, "-c", BARE_CLICK],
            "recipec --help": [recipec, "--help"],
            "import all": [sys.executable, "-c", BARE_ALL],
            "recipec compile --dry-run": dry_run,
        }
        for command in commands.values():
            cpu_seconds(command)  # warms the file cache, and makes the model known
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(runs):
            names = list(commands) if turn % 2 else list(reversed(commands))
            for name in names:
                seconds[name].append(cpu_seconds(commands[name]))
    medians = {name: median(values) for name, values in seconds.items()}
    worst = 0.0
    for name, base in (
        ("recipec --help", "import click"),
        ("recipec compile --dry-run", "import all"),
    ):
        ratio = medians[name] / medians[base]
        worst = max(worst, ratio)
        print(
            f"{name}: {medians[name] * 1000:.0f} ms CPU, {base}: {medians[base] * 1000:.0f} ms,"
            f" ratio {ratio:.2f} (limit {LIMIT})"
        )
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
