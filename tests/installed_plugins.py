"""Distributions of plugins, as pip would leave them in a folder that is on the path."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest


class Site:
    """A folder of installed distributions, on the path for as long as a test takes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._monkeypatch = folder, monkeypatch
        folder.mkdir(parents=True)
        monkeypatch.syspath_prepend(folder)

    def install(
        self,
        name: str,
        code: str = "",
        *,
        version: str = "1.0",
        distribution: str | None = None,
        module: str | None = None,
        requires: Iterable[str] = (),
        editable: bool = False,
    ) -> None:
        """Install the plugin `name` as a module with this code."""
        distribution = distribution or f"recipec-{name}"
        module = module or distribution.replace("-", "_")
        (self.folder / f"{module}.py").write_text(code)
        self._monkeypatch.delitem(sys.modules, module, raising=False)
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        needs = "".join(f"Requires-Dist: {need}\n" for need in requires)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}\n"
        )
        (info / "entry_points.txt").write_text(f"[recipec]\n{name} = {module}\n")
        if editable:
            told = {"url": self.folder.as_uri(), "dir_info": {"editable": True}}
            (info / "direct_url.json").write_text(json.dumps(told))
