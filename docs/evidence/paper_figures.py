"""The sizes that MobileNetV1's and EfficientNet's papers give, planned and made by recipec.

    python docs/evidence/paper_figures.py        rewrites paper-figures.md

What is planned comes from `recipec compile --dry-run --format json`, what was made from `run.json`;
the made module is then loaded, and its parameters are counted by torch.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from recipec.api.torch import load_module

HERE = Path(__file__).parent
RECIPEC = str(Path(sys.executable).with_name("recipec"))
MOBILENETS = {"full": (4866e6, 29.3e6), "depthwise": (569e6, 4.2e6)}
"""Multiply-adds and parameters: Howard et al., arXiv:1704.04861, table 4."""
EFFICIENTNETS = {
    "B0": (0, 0.39e9, 5.3e6),
    "B1": (0.5, 0.70e9, 7.8e6),
    "B2": (1, 1.0e9, 9.2e6),
    "B3": (2, 1.8e9, 12e6),
    "B4": (3.5, 4.2e9, 19e6),
}
"""φ, multiply-adds and parameters: Tan and Le, arXiv:1905.11946, table 2."""


def recipe(builder: str, stages: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a recipe whose model takes images of 224×224."""
    images = {"x": {"shape": ["N", 3, 224, 224]}}
    return {
        "apiVersion": "recipec/v1",
        "name": "paper-figures",
        "seed": 0,
        "threads": 1,
        "model": {
            "uses": "torch.model",
            "with": {"builder": f"recipec_torch.zoo:{builder}", "input": images},
        },
        "measure": {"metrics": ["parameters", "macs"]},
        "stages": stages,
        "outputs": [stage["id"] for stage in stages],
    }


def sizes(facts: dict[str, Any]) -> tuple[int, int]:
    """Give multiply-adds and parameters of a layer table in JSON."""
    from recipec.api import LayerTable

    table = LayerTable.model_validate(facts["layers"])
    return table.macs, table.parameters


def planned_and_made(of: dict[str, Any]) -> dict[str, tuple[tuple[int, int], tuple[int, int], int]]:
    """Plan and run a recipe; give planned and made sizes of each stage, and torch's own count."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "recipe.yaml", Path(folder) / "out"
        file.write_text(yaml.safe_dump(of, sort_keys=False))
        command = [RECIPEC, "compile", str(file), "--store", f"{folder}/store"]
        said = subprocess.run(
            [*command, "--dry-run", "--format", "json"], check=True, capture_output=True
        ).stdout
        plan = {node["id"]: node for node in json.loads(said)["nodes"]}
        subprocess.run([*command, "-o", str(out)], check=True, stdout=subprocess.DEVNULL)
        record = json.loads((out / "run.json").read_text())
        found = {}
        for stage in record["stages"]:
            if stage["id"] in of["outputs"]:
                values = {metric["name"]: metric["value"] for metric in stage["metrics"]}
                made = int(values["macs"]), int(values["parameters"])
                module = load_module(out / "artifacts" / stage["id"])
                count = sum(parameter.numel() for parameter in module.parameters())
                planned = sizes(plan[stage["id"]]["outputs"]["model"])
                found[stage["id"]] = planned, made, count
        return found


def row(name: str, paper: tuple[float, float], found: Any) -> str:
    """Write one network's row."""
    planned, made, count = found
    same = "yes" if planned == made and made[1] == count else "**no**"
    cells = [name]
    for of in range(2):
        away = made[of] / paper[of] - 1
        cells += [
            f"{paper[of] / 1e6:,.4g} M",
            f"{made[of] / 1e6:,.2f} M",
            f"{away:+.1%}",
        ]
    return f"| {' | '.join([*cells, same])} |"


def rows() -> Iterator[str]:
    """Write the page, line by line."""
    head = (
        "| network | multiply-adds: paper | made | | parameters: paper | made | | planned = made |"
    )
    rule = "|---|---|---|---|---|---|---|---|"
    yield "# Figures of two papers, planned and made\n"
    yield "<!-- made by docs/evidence/paper_figures.py -->\n"
    yield (
        "Planned by `--dry-run`, then made, loaded again, and its parameters counted by torch; "
        "the last column says whether all three agree.\n"
    )
    yield "## MobileNetV1 at 224: `arch.depthwise_separable` (limit: 3 %)\n"
    yield (
        "The net with full convolutions is `recipec_torch.zoo:conv_mobilenet`. All convolutions "
        "but the first are replaced, with batch normalization and ReLU between.\n"
    )
    yield head
    yield rule
    how = {"between": "norm_relu", "init": "random"}
    nothing = {"id": "full", "uses": "arch.depthwise_separable", "allow_unchanged": True}
    found = planned_and_made(
        recipe(
            "conv_mobilenet",
            [
                {**nothing, "with": {**how, "exclude": ["type:Conv2d"]}},
                {
                    "id": "depthwise",
                    "uses": "arch.depthwise_separable",
                    "needs": "model",
                    "with": {**how, "exclude": ["0.0"]},
                },
            ],
        )
    )
    for name, paper in MOBILENETS.items():
        yield row(f"MobileNetV1, {name} convolutions", paper, found[name])
    yield "\n## EfficientNet: `arch.compound_scale` (limit: 10 %)\n"
    yield (
        "All from `recipec_torch.zoo:efficientnet`, which is B0, with α = 1.2, β = 1.1, γ = 1.15. "
        "The paper's own networks don't follow its formula to the letter (B1 is no wider than B0), "
        "which is most of the difference at B1.\n"
    )
    yield head
    yield rule
    stages = [
        {
            "id": name.lower(),
            "uses": "arch.compound_scale",
            "needs": "model",
            "allow_unchanged": phi == 0,
            "with": {"phi": phi},
        }
        for name, (phi, _, _) in EFFICIENTNETS.items()
    ]
    found = planned_and_made(recipe("efficientnet", stages))
    for name, (phi, macs, parameters) in EFFICIENTNETS.items():
        yield row(f"{name} (φ = {phi})", (macs, parameters), found[name.lower()])


if __name__ == "__main__":
    (HERE / "paper-figures.md").write_text("\n".join(rows()) + "\n", encoding="utf-8")
