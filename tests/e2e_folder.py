"""Runs the seven steps in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_recipe(folder: Path, *options: str, name: str = "out") -> subprocess.CompletedProcess[str]:
    """Run `recipec compile` on the recipe in `folder`, with a store of its own."""
    command = [sys.executable, "-m", "recipec.cli.main", "compile", "seven-steps.yaml"]
    command += ["-o", name, "--store", "store", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=dict(os.environ))
