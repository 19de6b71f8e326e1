"""A bench on which a hostile plugin is installed beside the toys, and what a run is without it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from recipec.registry import discover
from toys.bench import TOY_RECIPE, TOYS, Bench

VERSION = "1.2"
TESTS = Path(__file__).parent.parent


def install(name: str, site: Path, module: str | None = None) -> list[EntryPoint]:
    """Write the metadata of a distribution that brings a plugin, and give its entry points."""
    info = site / f"recipec_{name}-{VERSION}.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.1\nName: recipec-{name}\nVersion: {VERSION}\n"
    (info / "METADATA").write_text(head)
    points = f"[recipec]\n{name} = {module or f'hostile_plugins.{name}'}\n"
    (info / "entry_points.txt").write_text(points)
    found = importlib.metadata.Distribution.discover(path=[str(site)])
    return [p for dist in found for p in dist.entry_points if p.name == name]


def stage(uses: str, how: str = "", **more: object) -> str:
    """Give the toy recipe with a hostile stage behind `small`, which nothing else needs."""
    entry = {"id": "hostile", "uses": uses, "needs": "small", "with": {"how": how}, **more}
    return TOY_RECIPE.replace("outputs:", f"  - {json.dumps(entry)}\noutputs:")


class Hostile(Bench):
    """A bench with a plugin of this folder."""

    def __init__(self, folder: Path, name: str) -> None:
        sys.modules.pop(f"hostile_plugins.{name}", None)  # each test loads it anew
        points = install(name, folder / "site")
        super().__init__(folder, discover([TOYS, *points]))
        self.name = name

    @property
    def info(self):
        return self.catalog.plugin(self.name)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line as a user who has the plugin installed."""
        if not (self.folder / "site" / "recipec_toys-1.2.dist-info").exists():
            install("toys", self.folder / "site", "toys")
        folders = [str(TESTS), str(self.folder / "site"), os.environ.get("PYTHONPATH", "")]
        path = os.pathsep.join(filter(None, folders))
        return subprocess.run(
            [sys.executable, "-m", "recipec.cli.main", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "RECIPEC_STORE": str(self.folder / "store")},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def hostile(tmp_path):
    return lambda name: Hostile(tmp_path, name)


@pytest.fixture(scope="session")
def peaceful(tmp_path_factory, toys):
    """What every stage of the toy recipe makes where nobody does mischief."""
    return results(Bench(tmp_path_factory.mktemp("peaceful"), toys).run())


def results(record):
    """Give what stages made and what was measured, but for how long it took."""
    return {
        stage.id: (stage.digests, stage.made, stage.metrics)
        for stage in record.stages
        if stage.id != "hostile"
    }


def warned(record, code):
    """Give the warnings of a code in a record."""
    return [one["message"] for one in record.diagnostics if one["code"] == code]
