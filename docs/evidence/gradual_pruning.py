"""Gradual pruning against pruning at once and retraining, at equal epochs, on digits.

python docs/evidence/gradual_pruning.py          rewrites gradual-pruning.md
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SEEDS = range(3)
SPARSITIES = (0.9, 0.95, 0.98)
ENDINGS = ("at-once", "retrained", "gradual")
OPENING = """\
# Gradual pruning

Made by `python docs/evidence/gradual_pruning.py`: the stages of `recipes/prune-gradual.yaml` at
several sparsities. `data.digits`, the ResNet-8 of the zoo (77,754 parameters), trained for 12
epochs: {trained} on the 600 test samples. Then either all weights at once (`prune.unstructured`)
and 12 epochs of `train.fit`, or 12 epochs with `gradual_pruning` along the cubic schedule until
70 % of the steps. Accuracy on the test split: mean over three seeds, and each seed's.

"""


def recipe(seed: int) -> dict[str, Any]:
    """Write the stages of a seed: `recipes/prune-gradual.yaml` at each sparsity."""
    made: dict[str, Any] = yaml.safe_load((ROOT / "recipes" / "prune-gradual.yaml").read_text())
    stages = {stage["id"]: stage for stage in made["stages"]}
    made["seed"] = seed
    made["measure"]["metrics"] = ["accuracy"]
    made["stages"] = [stages["trained"]]
    for sparsity in SPARSITIES:
        text = json.dumps([{"needs": "trained", **stages[ending]} for ending in ENDINGS])
        written = text.replace("${vars.sparsity}", str(sparsity))
        for stage in json.loads(written):
            stage["id"] += f"-{100 * sparsity:g}"
            if "amount" in stage["with"]:
                stage["with"]["amount"] = sparsity
            if "gradual_pruning" in stage["with"]:
                stage["with"]["gradual_pruning"]["final"] = sparsity
            if stage["id"].startswith("retrained"):
                stage["needs"] = f"at-once-{100 * sparsity:g}"
            made["stages"].append(stage)
    made["vars"].pop("sparsity")
    made["outputs"] = [stage["id"] for stage in made["stages"] if stage["id"].startswith("gradual")]
    del made["gates"]
    return made


def accuracies(seed: int, folder: Path) -> dict[str, float]:
    """Run a seed; give each stage's accuracy, in percent."""
    path, out = folder / f"seed{seed}.yaml", folder / f"out{seed}"
    path.write_text(yaml.safe_dump(recipe(seed), sort_keys=False))
    command = [str(Path(sys.executable).with_name("recipec")), "compile", str(path)]
    store = ["--out", str(out), "--store", str(folder / "store")]
    subprocess.run([*command, *store], check=True, stdout=subprocess.DEVNULL)
    return {
        stage["id"]: 100 * metric["value"]
        for stage in json.loads((out / "run.json").read_text())["stages"]
        for metric in stage["metrics"]
        if metric["name"] == "accuracy"
    }


def page() -> str:
    """Make the whole page."""
    with tempfile.TemporaryDirectory() as temporary:
        runs = [accuracies(seed, Path(temporary)) for seed in SEEDS]
    rows = [
        "| zero in the end | at once | at once, retrained | gradually |",
        "|---|---|---|---|",
    ]
    for sparsity in SPARSITIES:
        cells = [f"{100 * sparsity:g} %"]
        for ending in ENDINGS:
            values = [run[f"{ending}-{100 * sparsity:g}"] for run in runs]
            each = ", ".join(f"{value:.1f}" for value in values)
            cells.append(f"{mean(values):.1f} % ({each})")
        rows.append("| " + " | ".join(cells) + " |")
    trained = f"{mean(run['trained'] for run in runs):.1f} %"
    return OPENING.format(trained=trained) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (HERE / "gradual-pruning.md").write_text(page(), encoding="utf-8")
