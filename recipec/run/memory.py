"""The most memory this process has held since it was last asked to watch (Linux)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")


def watch_peak() -> bool:
    """Begin to watch anew. Gives False where the system can't (not Linux, or not allowed)."""
    try:
        _CLEAR.write_text("5")  # proc(5): resets the peak resident set size
    except OSError:
        return False
    return True


def peak_memory() -> int | None:
    """Give the peak resident set size in bytes since `watch_peak`, None where it can't be told."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
