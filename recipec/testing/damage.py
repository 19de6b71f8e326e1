"""Artifacts of files that are there, and broken copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recipec.api import Artifact, Facts
from recipec.api.digests import digest_path


def artifact(facts: Facts, path: Path) -> Artifact[Any]:
    """Make an artifact of a file or folder that is there, with its digest."""
    return Artifact(facts, path, digest_path(path, facts.unstable))


def _garbage(files: list[Path]) -> None:
    for file in files:
        file.write_bytes(bytes(range(255, -1, -1)) * 4)


def _truncated(files: list[Path]) -> None:
    largest = max(files, key=lambda file: file.stat().st_size)
    content = largest.read_bytes()
    largest.write_bytes(content[: len(content) // 2])


DAMAGES: Mapping[str, Callable[[list[Path]], None]] = {
    "garbage": _garbage,
    "truncated": _truncated,
}


def damaged(
    whole: Artifact[Any], folder: Path, damage: Callable[[list[Path]], None]
) -> Artifact[Any]:
    """Copy an artifact into `folder` and damage the copy."""
    path = folder / "broken" / whole.path.name
    path.parent.mkdir(parents=True)
    if whole.path.is_dir():
        shutil.copytree(whole.path, path)
    else:
        shutil.copy(whole.path, path)
    damage([path] if path.is_file() else sorted(f for f in path.rglob("*") if f.is_file()))
    return whole._replace(path=path, digest=digest_path(path))
