"""What each way to prune costs and buys, on digits.

    python docs/evidence/pruning.py [STORE]          rewrites pruning.md

Runs the recipes `recipes/prune-*.yaml` with several amounts. All figures are from `run.json`, but
for the compressed sizes, which are those of the ONNX files.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RECIPEC = str(Path(sys.executable).with_name("recipec"))
RUNS: Mapping[str, tuple[str, ...]] = {
    "nothing": ("–",),
    "unstructured": ("50%", "70%", "80%", "90%"),
    "global": ("50%", "70%", "80%", "90%"),
    "structured": ("30%", "50%"),
    "semi-structured": ("2:4",),
    "channels": ("30%", "50%"),
    "blocks": ("25%", "50%", "75%", "100%"),
}
OPENING = """\
# Pruning on digits

A ResNet-14 (16, 32 and 64 channels, 174,970 parameters), trained for 8 epochs, pruned, trained for
8 epochs more, and exported to ONNX; one seed, 600 test samples, one thread. A difference of a point
is noise. `python docs/evidence/pruning.py` makes this page of the recipes `recipes/prune-*.yaml`.

*Speed* is that of the ONNX file in onnxruntime against the unpruned one's, both measured in turns,
with the 95 % interval of the ratio; that of `semi-structured` is int8 for TensorRT, which
onnxruntime on this CPU runs slower than float (no GPU here could tell what 2:4 is worth).
*gzip* is the compressed ONNX file. `nothing` is trained as often, and not pruned.

| prune. | amount | zero | parameters | multiply-adds | before | pruned | retrained | speed | gzip |
|---|---|---|---|---|---|---|---|---|---|
"""
SPLIT = """
## How `prune.global` splits its zeros

At {amount} of all weights, the share of each layer that is zero:

| layer | weights that are zero |
|---|---|
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        store = Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()
        folder = Path(temporary)
        page = OPENING
        splits = ""
        for technique, amounts in RUNS.items():
            for amount in amounts:
                record, size = _run(technique, amount, folder, store)
                page += _row(technique, amount, record, size)
                if technique == "global" and amount == "80%":
                    splits = SPLIT.format(amount=amount) + "".join(_split(record))
        (HERE / "pruning.md").write_text(page + splits, encoding="utf-8")


def _run(technique: str, amount: str, folder: Path, store: Path) -> tuple[dict[str, Any], int]:
    """Run a recipe; give its record and the compressed size of its ONNX file, in bytes."""
    out = folder / f"{technique}-{amount.strip('%').replace(':', '-')}"
    recipe = ROOT / "recipes" / f"prune-{technique}.yaml"
    if technique == "nothing":
        recipe = _without_pruning(folder / "prune-nothing.yaml")
    command = [RECIPEC, "compile", str(recipe)]
    command += ["-o", str(out), "--store", str(store)]
    if amount.endswith("%"):
        command += ["--set", f"amount={amount}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not (out / "run.json").exists():  # a gate that fails is a result too
        raise SystemExit(done.stdout + done.stderr)
    print(f"{technique} {amount}: exit {done.returncode}", file=sys.stderr)
    onnx = (out / "artifacts" / "onnx.onnx").read_bytes()
    return json.loads((out / "run.json").read_text()), len(gzip.compress(onnx, mtime=0))


def _without_pruning(path: Path) -> Path:
    """Write a recipe that trains as often and prunes nothing: a training is worth something too."""
    recipe = yaml.safe_load((ROOT / "recipes" / "prune-unstructured.yaml").read_text())
    recipe["stages"] = [stage for stage in recipe["stages"] if stage["id"] != "prune"]
    next(s for s in recipe["stages"] if s["id"] == "retrain")["needs"] = "trained"
    for key in ("vars", "silence"):
        del recipe[key]
    path.write_text(yaml.safe_dump(recipe, sort_keys=False))
    return path


def _measured(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give all metrics by stage and name."""
    found: dict[str, dict[str, Any]] = {}
    for node in (*record["stages"], *record["measurements"]):
        for metric in node["metrics"]:
            stage = metric["subject"] or node["inputs"].get("subject", node["id"])
            found.setdefault(stage, {})[metric["name"]] = metric
    return found


def _row(technique: str, amount: str, record: dict[str, Any], size: int) -> str:
    found = _measured(record)
    pruned, last = found["retrain"], found["onnx"]
    accuracy = [
        f"{found[stage]['accuracy']['value']:.1%}" if stage in found else "–"
        for stage in ("before", "prune", "retrain")
    ]
    ratio = last["latency.p50@batch=1"]["comparison"]
    low, high = ratio["interval"]["low"], ratio["interval"]["high"]
    cells = [
        technique if technique == "nothing" else f"`{technique.replace('-', '_')}`",
        amount,
        f"{pruned['sparsity']['value']:.1%}",
        f"{pruned['parameters']['value']:,.0f}",
        f"{pruned['macs']['value']:,.0f}",
        *accuracy,
        f"{ratio['ratio']:.2f}× ({low:.2f} to {high:.2f})",
        f"{size:,} B",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _split(record: dict[str, Any]) -> Iterator[str]:
    prefix = "pruned.sparsity."
    for name, metric in _measured(record)["prune"].items():
        if name.startswith(prefix):
            yield f"| `{name.removeprefix(prefix)}` | {metric['value']:.1%} |\n"


if __name__ == "__main__":
    main()
