"""Chromium, driven by `look.mjs` as its makers' client (puppeteer) does it, with axe-core."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", ".npmrc", "look.mjs")


class Unavailable(Exception):
    """Chromium or Node.js isn't here, or what drives it can't be installed."""


def chromium() -> str:
    """Give the path of Chromium. Raises Unavailable."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise Unavailable("Chromium isn't installed")


def installed(cache: Path) -> Path:
    """Install what drives the browser, once for each lock file; give its folder.

    Raises Unavailable.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        raise Unavailable("Node.js isn't installed")
    content = b"".join((HERE / name).read_bytes() for name in FILES)
    folder = cache / hashlib.sha256(content).hexdigest()[:12]
    if folder.exists():
        return folder
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, fresh)
    command = ["npm", "ci", "--ignore-scripts"]
    done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(fresh)
        raise Unavailable(f"npm ci failed: {done.stderr[-500:]}")
    try:
        fresh.rename(folder)
    except OSError:  # another test run was first
        shutil.rmtree(fresh)
    return folder


def look(folder: Path, looks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Look at pages as `look.mjs` says; give what was found, one for each."""
    with tempfile.TemporaryDirectory() as scratch:
        job = Path(scratch) / "job.json"
        job.write_text(json.dumps(looks))
        command = ["node", str(folder / "look.mjs"), chromium(), str(job)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
