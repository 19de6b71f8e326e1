"""The recipes that mutations begin with: all that are in the repository."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r'"""\\?\n(apiVersion: .*?)"""', re.DOTALL)


@cache
def recipes() -> tuple[bytes, ...]:
    """Give the recipes of `recipes/`, of plugins, of tests and of the documentation, sorted."""
    found: set[bytes] = set()
    for path in (*ROOT.glob("recipes/**/*.yaml"), *ROOT.glob("plugins/**/*.yaml")):
        found.add(path.read_bytes())
    for path in ROOT.glob("tests/**/*.yaml"):
        found.add(path.read_bytes())
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/**/*.md")):
        found.update(block.encode() for block in FENCED.findall(path.read_text()))
    for path in ROOT.glob("tests/**/*.py"):
        found.update(block.encode() for block in QUOTED.findall(path.read_text()))
    return tuple(sorted(block for block in found if block.strip()))
