"""Distillation against the same student without a teacher, on digits, over five seeds.

    python docs/evidence/distillation.py [STORE]          rewrites distillation.md

What is in STORE, a folder that is kept, isn't made again. Each seed draws other weights and other
labelled samples. All stages of a seed are one recipe, so that the teacher is trained once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import yaml
from scipy.stats import t as student_t

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SEEDS = range(5)
STUDENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "mlp-32": ("mlp", {"hidden": [32]}),
    "mlp-64-32": ("mlp", {"hidden": [64, 32]}),
    "lstm-16": ("lstm", {"hidden": 16}),
    "resnet8-4": ("resnet", {"depth": 8, "width": 4}),
}
"""Builder and arguments of each student: the first is that of `recipes/distill.yaml`."""
SAME = ("mlp-32", "resnet8-4")
"""Students that are also trained on all labels, with and without the teacher."""
OPENING = """\
# Distillation

Made by `python docs/evidence/distillation.py`. Data: `data.digits` (1,017 training samples, 600
test samples). Five seeds; each draws other weights and other labelled samples. Teacher: the ResNet
of `recipes/distill.yaml` (77,754 parameters), trained on all labels: {teacher} on the test split.
Accuracies are those on the test split, means over the seeds; the interval is Student's t of the
five differences, 95 %. T = 4, α = 0.7; 600 optimizer steps of 32 with and without the teacher,
same optimizer and schedule. Nothing was chosen by the test split.

"""


def recipe(seed: int) -> dict[str, Any]:
    """Write the stages of a seed: `recipes/distill.yaml` with more students."""
    made: dict[str, Any] = yaml.safe_load((ROOT / "recipes" / "distill.yaml").read_text())
    stages = {stage["id"]: stage for stage in made["stages"]}
    made["seed"] = seed
    made["vars"]["draw"]["default"] = seed
    made["measure"]["metrics"] = ["parameters", "accuracy"]
    made["stages"] = [stages["teacher"]]
    for name, (builder, args) in STUDENTS.items():
        source = {**stages["student"]["with"], "builder": f"recipec_torch.zoo:{builder}"}
        made["stages"] += [
            {"id": name, "uses": "torch.model", "with": {**source, "args": args}},
            {**stages["alone"], "id": f"{name}-alone", "needs": name},
            {
                **stages["distilled"],
                "id": f"{name}-distilled",
                "needs": {"model": name, "teacher": "teacher"},
            },
        ]
        if name not in SAME:
            continue
        made["stages"] += [
            {
                **stages["alone"],
                "id": f"{name}-all",
                "needs": name,
                "with": {**stages["alone"]["with"], "data": "train"},
            },
            {
                **stages["distilled"],
                "id": f"{name}-same",
                "needs": {"model": name, "teacher": "teacher"},
                "with": {
                    **{k: v for k, v in stages["distilled"]["with"].items() if k != "transfer"},
                    "data": "train",
                },
            },
        ]
    made["outputs"] = [f"{name}-distilled" for name in STUDENTS]
    del made["gates"]
    return made


def accuracies(seed: int, folder: Path, store: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Run a seed; give each stage's accuracy, in percent, and its parameters."""
    path = folder / f"seed{seed}.yaml"
    path.write_text(yaml.safe_dump(recipe(seed), sort_keys=False))
    out = folder / f"out{seed}"
    command = [str(Path(sys.executable).with_name("recipec")), "compile", str(path)]
    subprocess.run(
        [*command, "--out", str(out), "--store", str(store)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found: dict[str, float] = {}
    sizes: dict[str, int] = {}
    for stage in json.loads((out / "run.json").read_text())["stages"]:
        values = {metric["name"]: metric["value"] for metric in stage["metrics"]}
        if "accuracy" in values:
            found[stage["id"]] = 100 * values["accuracy"]
            sizes[stage["id"]] = int(values["parameters"])
    return found, sizes


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Give the 95 % interval of a mean, by Student's t."""
    half = student_t.ppf(0.975, len(differences) - 1) * stdev(differences)
    half /= len(differences) ** 0.5
    return mean(differences) - half, mean(differences) + half


def table(
    students: Iterable[str],
    runs: Sequence[dict[str, float]],
    sizes: dict[str, int],
    without: str,
    with_: str,
) -> list[str]:
    """Compare two endings of the stages' names, for each of the students."""
    rows = [
        "| student | parameters | without teacher | with teacher | gain (95 %) |",
        "|---|---|---|---|---|",
    ]
    for name in students:
        before, after = ([run[f"{name}-{end}"] for run in runs] for end in (without, with_))
        gains = [b - a for a, b in zip(before, after, strict=True)]
        low, high = interval(gains)
        rows.append(
            f"| {name} | {sizes[name]:,} | {mean(before):.1f} % | {mean(after):.1f} % "
            f"| {mean(gains):+.1f} points ({low:+.1f} to {high:+.1f}) |"
        )
    return rows


def page() -> str:
    """Make the whole page."""
    runs: list[dict[str, float]] = []
    sizes: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for seed in SEEDS:
            folder = Path(temporary)
            found, sizes = accuracies(seed, folder, Path(*sys.argv[1:2] or [folder / "store"]))
            print(seed, found, file=sys.stderr)
            runs.append(found)
    teacher = f"{mean(run['teacher'] for run in runs):.1f} %"
    lines = [
        OPENING.format(teacher=teacher),
        "## 120 labels, and the teacher on the rest\n",
        "Without a teacher, the student has the 120 labels only. With it, the teacher also answers",
        "the other 897 training samples, whose labels nobody looks at (`transfer`).\n",
        *table(STUDENTS, runs, sizes, "alone", "distilled"),
        "",
        "## The same labels for both\n",
        "All 1,017 labels for the student, with and without the teacher, which learned from the",
        "same ones.\n",
        *table(SAME, runs, sizes, "all", "same"),
        "",
        "Teacher, student alone and distilled (mlp-32), seed by seed: "
        + "; ".join(
            f"{run['teacher']:.1f}, {run['mlp-32-alone']:.1f}, {run['mlp-32-distilled']:.1f}"
            for run in runs
        )
        + ".",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (HERE / "distillation.md").write_text(page(), encoding="utf-8")
