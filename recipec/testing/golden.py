"""Golden files: expected text that is committed, and rewritten only on demand."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Final

UPDATE: Final = "RECIPEC_UPDATE_GOLDEN"
"""The environment variable that, set to 1, makes `assert_golden` write instead of compare."""


def assert_golden(text: str, path: Path) -> None:
    """Assert that `text` is what the file at `path` holds, showing the difference where it isn't.

    With `RECIPEC_UPDATE_GOLDEN=1` in the environment the file is written instead: look at the
    difference with git before you commit it. Raises AssertionError, also when there is no file.
    """
    if os.environ.get(UPDATE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return
    if not path.is_file():
        raise AssertionError(f"no golden file {path.name}: write it with {UPDATE}=1")
    # Not read_text: it would hide a difference in line ends.
    golden = path.read_bytes().decode("utf-8")
    if text != golden:
        difference = difflib.unified_diff(
            golden.splitlines(keepends=True), text.splitlines(keepends=True), "golden", "now"
        )
        raise AssertionError(
            f"{path.name} differs; if that is meant, rewrite it with {UPDATE}=1\n"
            + "".join(line if line.endswith("\n") else line + "⏎\n" for line in difference)
        )
