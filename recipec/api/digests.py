"""sha256 digests of files, folders and JSON: what identity means in recipec."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any


def canonical_json(value: Any) -> str:
    """Write JSON in the one form that digests are taken of: sorted keys, no spaces, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_json(value: Any) -> str:
    """Give the sha256 of a value's canonical JSON. Raises ValueError on NaN and infinities."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_path(path: Path, unstable: bytes | None = None) -> str:
    """Give the sha256 of a file's bytes, or of a folder's relative names and their digests.

    What matches the regular expression `unstable` is left out of a file's. Raises OSError when
    something can't be read.
    """
    if path.is_dir():
        files = sorted(f for f in path.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
        return digest_json([[f.relative_to(path).as_posix(), digest_path(f)] for f in files])
    if unstable is not None:
        return hashlib.sha256(re.sub(unstable, b"", path.read_bytes())).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
