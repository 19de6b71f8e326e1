"""Recipes of the repository, planned on a machine that has everything and knows their models."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import struct
from math import prod
from pathlib import Path

import recipec
from recipec.plan import Forgetful, Machine, Plan, Planning, make_plan

ROOT = Path(__file__).parent.parent.parent
GOLDEN = Path(__file__).parent / "golden" / "recipes"
RECIPES = sorted((ROOT / "recipes").rglob("*.yaml"))
NAMES = [path.relative_to(ROOT / "recipes").with_suffix("").as_posix() for path in RECIPES]


class Everything(Machine):
    """Every package in a version that no bound excludes, and no other capability."""

    fingerprint = {"cpu": "a processor", "cores": 2, "system": "Linux", "machine": "x86_64"}

    def _probe(self, capability):
        return "9999.0" if capability.startswith("python:") else None


class Known(Forgetful):
    """Remembers the inspections of a recipe's models, in the order in which they are asked for."""

    def __init__(self, models):
        self.left = list(models)
        self.told = {}

    def recall(self, key):
        if key not in self.told:
            self.told[key] = self.left.pop(0)
        return self.told[key]


def copied(name: str, folder: Path, monkeypatch) -> Path:
    """Copy all recipes to a folder, with the data that they name, and go there; give the path of
    one, which is relative, as places in the plan are written with it."""
    shutil.copytree(ROOT / "recipes", folder / "recipes", dirs_exist_ok=True)
    fashion_mnist(folder / "recipes" / "fashion-mnist")
    monkeypatch.chdir(folder)
    return Path("recipes", f"{name}.yaml")


SETTINGS = {name: ("folder=fashion-mnist",) for name in NAMES if name.startswith("fashion-mnist")}
"""What must be set where a default is a place of the machine's."""


def fashion_mnist(folder: Path) -> None:
    """Write four files of the real ones' shapes: black images, labels of all ten classes."""
    folder.mkdir()
    for part, count in (("train", 60_000), ("t10k", 10_000)):
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", (count, 28, 28), bytes(1))
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", (count,), bytes(range(10)))


def write_idx(path: Path, shape: tuple[int, ...], repeated: bytes) -> None:
    header = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
    values = repeated * (prod(shape) // len(repeated))
    path.write_bytes(gzip.compress(header + values, compresslevel=1, mtime=0))


def planned(name: str, folder: Path, catalog, monkeypatch) -> tuple[Plan, Planning]:
    """Plan a recipe with the model that is known of it, importing no framework."""
    recipe = recipec.load_recipe(copied(name, folder, monkeypatch), SETTINGS.get(name, ()))
    models = json.loads((GOLDEN / f"{name}.model.json").read_text())
    planning = Planning(
        recipe=recipe,
        catalog=catalog,
        machine=Everything(catalog.capabilities),
        memory=Known(models if isinstance(models, list) else [models]),
    )
    return make_plan(planning), planning


def masked(text: str) -> str:
    """Take out what depends on installed versions."""
    text = re.sub(r"sha256:\w+", "sha256:…", text)
    return re.sub(r"(?<= of recipec )\d\S*", "…", text)


def masked_json(plan: Plan) -> str:
    """The same of the plan as JSON: keys and digests go, and the layer tables but for sums.

    A layer table is some thousand lines; what it adds up to, and each layer's weight, is enough to
    see a change of it.
    """
    data = json.loads(plan.model_dump_json())
    for node in data["nodes"]:
        for name in ("key", "digests", "ingredients"):
            node.pop(name)
        for facts in node["outputs"].values():
            if "runtime_version" in facts:
                facts["runtime_version"] = "…"
            if isinstance(facts.get("layers"), dict):
                facts["layers"] = [_row(layer) for layer in facts["layers"]["layers"]]
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _row(layer) -> str:
    tensors = ", ".join(f"{t['name']} {t['dtype']} {t['shape']}" for t in layer["tensors"])
    return f"{layer['name']} {layer['type']} ×{layer['positions']}: {tensors}"
