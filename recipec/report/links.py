"""Links to files beside the report, and shell commands, from names that others chose."""

from __future__ import annotations

import re
import shlex
from urllib.parse import quote

from recipec.run.record import RunRecord


def relative_link(path: str) -> str:
    """Give a link to a file beside the report; no path can turn it into another kind of link."""
    return "./" + quote(path.encode("utf-8", "replace"))


def file_name(name: str) -> str:
    """Give a file name for a recipe of that name, safe to type."""
    return (re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "recipe") + ".yaml"


def reproduce(record: RunRecord) -> tuple[str, ...]:
    """Give the shell commands that make this run again, from the resolved recipe in a file."""
    versions = [f"recipec=={record.recipec}"]
    versions += [f"{name}=={version}" for name, version in record.environment.packages.items()]
    return (
        "pip install " + " ".join(map(shlex.quote, versions)),
        f"recipec compile {shlex.quote(file_name(record.name))}",
    )
