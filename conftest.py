"""For all tests of the repository: where there are no frameworks, the light ones still run."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

# On shared cores a thread pool of torch's own size is ten to thirty times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")


_ALL_FRAMEWORKS = re.compile(r"^pytestmark = (\[[^\]]*)?pytest\.mark\.frameworks", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m "not frameworks"`, don't import test files that are all about frameworks."""
    if config.option.markexpr != "not frameworks" or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return True if _ALL_FRAMEWORKS.search(text) else None
