"""A data artifact on disk: which loader to call, with which arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_reference(path: Path, loader: str, arguments: Mapping[str, Any]) -> None:
    """Write the reference to `path` as JSON."""
    path.write_text(json.dumps({"loader": loader, "arguments": dict(arguments)}, indent=2) + "\n")


def read_reference(path: Path) -> tuple[str, dict[str, Any]]:
    """Read a loader's import string and its arguments. Raises KeyError on another JSON file."""
    reference = json.loads(path.read_text())
    return reference["loader"], reference["arguments"]
