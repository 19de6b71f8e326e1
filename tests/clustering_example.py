"""The third-party example, installed as a stranger would have it: from its own wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "recipec-clustering"


def install(folder: Path) -> dict[str, str]:
    """Build the wheel and install it into `folder`, without a network.

    Gives the environment variables of a process that has it, beside what is installed here.
    """
    pip, quiet = [sys.executable, "-m", "pip"], ["--quiet", "--no-deps", "--no-index"]
    wheels, site = folder / "wheels", folder / "site"
    build = ["wheel", "--no-build-isolation", "--wheel-dir", str(wheels), str(EXAMPLE)]
    subprocess.run([*pip, *build, *quiet], check=True)
    (wheel,) = wheels.iterdir()
    subprocess.run([*pip, "install", "--target", str(site), str(wheel), *quiet], check=True)
    found = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *([found] if found else [])])}
