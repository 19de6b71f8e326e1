"""Run what the documentation claims, and write what came out beside this file.

    python docs/evidence/make.py [seven-steps] [bad-input] [startup] [overhead] [fashion-mnist]
        [plan-scale] [fuzz] [estimates] [newcomer] [many-plugins]

Each figure comes from the command line, from `run.json`, or from a script in `benchmarks/`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
RECIPEC = [str(Path(sys.executable).with_name("recipec"))]
# As a user has it: bytecode is kept.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run(*arguments: str, folder: Path) -> tuple[int, str, float]:
    """Run `recipec …` in a folder; give the exit code, all it printed, and wall seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [*RECIPEC, *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout, time.perf_counter() - began


def record(folder: Path, out: str) -> dict[str, Any]:
    """Read a run's record."""
    data: dict[str, Any] = json.loads((folder / out / "run.json").read_text())
    return data


def stage(of: dict[str, Any], id: str) -> dict[str, Any]:
    """Give a stage of a record."""
    return next(s for s in of["stages"] if s["id"] == id)


def metric(of: dict[str, Any], name: str) -> dict[str, Any]:
    """Give a stage's metric."""
    return next(m for m in of["metrics"] if m["name"] == name)


def block(text: str) -> str:
    """Write text as a code block."""
    return f"```text\n{text.rstrip()}\n```\n"


def seven_steps(folder: Path) -> str:
    """The seven steps: twice in one store, once in another, once killed."""
    first, second = folder / "one folder", folder / "another_folder"
    for place in (first, second):
        place.mkdir()
        shutil.copy(ROOT / "recipes" / "seven-steps.yaml", place)
    command = ["compile", "seven-steps.yaml", "-o", "out", "--store", "store"]
    code, said, seconds = run(*command, folder=first)
    made = record(first, "out")
    parts = [
        "# The seven steps on digits\n",
        f"`recipec {' '.join(command)}`: exit {code}, {seconds:.1f} s.\n",
        block(said),
        "Left in OUT: "
        + ", ".join(
            f"`{p.relative_to(first / 'out')}`" for p in sorted((first / "out").rglob("*.*"))
        )
        + ".\n",
    ]
    prune = stage(made, "prune")
    before, after = (metric(prune, f"channels.{w}")["value"] for w in ("before", "after"))
    accuracy = metric(stage(made, "onnx"), "accuracy")
    parts.append(
        f"- prunable output channels: {before:.0f} → {after:.0f} ({1 - after / before:.0%} gone)\n"
        f"- final int8 ONNX: accuracy {accuracy['value']:.4f} on {accuracy['count']} samples\n"
        + "".join(
            f"- gate {gate['stage']} {gate['metric']} {gate['required']}: "
            f"**{gate['verdict']}**, {gate['message']}\n"
            for gate in made["gates"]
        )
    )
    parts += [_planned_and_made(made), _again(command, first), _elsewhere(command, second, made)]
    parts.append(_killed(folder, made))
    return "\n".join(parts)


def _planned_and_made(made: dict[str, Any]) -> str:
    rows = [
        "| stage | parameters | multiply-adds | weight bytes | layer shapes |",
        "|---|---|---|---|---|",
    ]
    for one in made["stages"]:
        for port, planned in one["planned"].items():
            facts = one["made"][port]
            if planned.get("layers") in (None, "unknown"):
                continue
            numbers = [
                [sum(f(layer) for layer in x["layers"]["layers"]) for x in (planned, facts)]
                for f in (_parameters, _macs, _bytes)
            ]
            shapes = [
                [[t["shape"] for t in layer["tensors"]] for layer in x["layers"]["layers"]]
                for x in (planned, facts)
            ]
            cells = [f"{p:,} = {m:,}" if p == m else f"**{p:,} ≠ {m:,}**" for p, m in numbers]
            same = "equal" if shapes[0] == shapes[1] else "**differ**"
            rows.append(f"| {one['id']} | {' | '.join(cells)} | {same} |")
    return "## Planned = made\n\n" + "\n".join(rows) + "\n"


def _elements(tensor: dict[str, Any]) -> int:
    count = 1
    for size in tensor["shape"]:
        count *= size
    return count


def _parameters(layer: dict[str, Any]) -> int:
    return sum(_elements(t) for t in layer["tensors"] if t["role"] == "parameter")


def _macs(layer: dict[str, Any]) -> int:
    return sum(_elements(t) * layer["positions"] for t in layer["tensors"] if t["name"] == "weight")


def _bytes(layer: dict[str, Any]) -> int:
    width = {"float32": 4, "int64": 8, "int8": 1, "int32": 4, "uint8": 1}
    return sum(_elements(t) * width[t["dtype"]] for t in layer["tensors"])


def _again(command: list[str], folder: Path) -> str:
    code, said, seconds = run(*command, folder=folder)
    statuses = {n["status"] for n in [*record(folder, "out")["stages"]]}
    return (
        f"## The same again\n\nexit {code}, **{seconds:.2f} s**, stages: {', '.join(statuses)}.\n"
        "That no framework is imported is a test: `tests/e2e/test_seven_steps.py`.\n\n"
        + block(said)
    )


def _elsewhere(command: list[str], folder: Path, made: dict[str, Any]) -> str:
    code, _, seconds = run(*command, folder=folder)
    rows = ["| stage | digest | equal |", "|---|---|---|"]
    for one, other in zip(made["stages"], record(folder, "out")["stages"], strict=True):
        for port, digest in one["digests"].items():
            rows.append(f"| {one['id']} | `{digest[:16]}…` | {digest == other['digests'][port]} |")
    return (
        "## Another store, another folder\n\n"
        f"exit {code}, {seconds:.1f} s; digests of artifacts:\n\n" + "\n".join(rows) + "\n"
    )


def _killed(folder: Path, made: dict[str, Any]) -> str:
    place = folder / "killed"
    place.mkdir()
    shutil.copy(ROOT / "recipes" / "seven-steps.yaml", place)
    command = ["compile", "seven-steps.yaml", "-o", "out", "--store", "store", "--until", "trained"]
    running = subprocess.Popen(
        [*RECIPEC, *command],
        cwd=place,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while running.poll() is None and not list(place.glob("store/v1/work/*/*.safetensors")):
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    killed = running.wait()
    code, said, seconds = run(*command, folder=place)
    same = stage(record(place, "out"), "trained")["digests"] == stage(made, "trained")["digests"]
    return (
        "## Killed in training\n\n"
        f"SIGKILL after the first checkpoint (the process ended with {killed}). Run again: "
        f"exit {code}, {seconds:.1f} s. The trained model's digest equals that of the undisturbed "
        f"run: **{same}**.\n\n" + block(said)
    )


BASE = """\
apiVersion: recipec/v1
name: bad
model: {uses: torch.model, with: {builder: "recipec_torch.zoo:resnet", args: {depth: 8}}}
data:
  train: {uses: data.digits, with: {split: train}}
measure: {data: train, metrics: [size, parameters]}
baseline: model
stages:
  - {id: prune, uses: prune.channels, with: {amount: 0.5}}
  - {id: retrain, uses: train.fit, with: {data: train, epochs: 1}}
  - {id: onnx, uses: onnx.export}
"""
MISTAKES: dict[str, tuple[str, str]] = {
    "a corrupt model file": ("args: {depth: 8}", "args: {depth: 8}, weights: corrupt.safetensors"),
    "a missing data file": (
        "{uses: data.digits, with: {split: train}}",
        "{uses: data.npz, with: {file: digits.npz, inputs: [x]}}",
    ),
    "a builder that raises": ("args: {depth: 8}", "args: {depth: 9}"),
    "a builder's argument misspelt": ("args: {depth: 8}", "args: {dpeth: 8}"),
    "an operator nobody offers": ("uses: prune.channels", "uses: prune.chanels"),
    "a parameter misspelt": ("amount: 0.5", "amuont: 0.5"),
    "kinds that don't meet": (
        "{id: onnx, uses: onnx.export}",
        "{id: engine, uses: tensorrt.build}",
    ),
    "an impossible value": ("amount: 0.5", "amount: 1.5"),
    "a value impossible for this model": ("amount: 0.5", "amount: 0.1, round_to: 64"),
    "a model of Python that fails in a stage": (
        'builder: "recipec_torch.zoo:resnet", args: {depth: 8}',
        'builder: "model.py:Fragile", input: {x: {shape: [N, 1, 8, 8]}}',
    ),
}
FRAGILE = """\
import torch
from torch import nn


class Fragile(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3, padding=1)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        if self.training:
            raise RuntimeError("out of coffee")
        return self.fc(self.conv(x).relu().mean((2, 3)))
"""


def bad_input(folder: Path) -> str:
    """Ten mistakes: what is said, the exit code, and what is left behind."""
    parts = ["# Bad input\n", "The recipe without mistakes:\n", f"```yaml\n{BASE}```\n"]
    (folder / "corrupt.safetensors").write_bytes(b"not a model at all")
    (folder / "model.py").write_text(FRAGILE)
    for name, (old, new) in MISTAKES.items():
        (folder / "bad.yaml").write_text(BASE.replace(old, new))
        shutil.rmtree(folder / "out", ignore_errors=True)
        code, said, _ = run("compile", "bad.yaml", "-o", "out", "--store", "store", folder=folder)
        left = "no OUT" if not (folder / "out").exists() else "an OUT"
        parts.append(
            f"## {name[0].upper()}{name[1:]}\n\nexit {code}, {left} is left.\n\n{block(said)}"
        )
    _, said, _ = run("compile", "bad.yaml", "--dry-run", "--store", "store", folder=folder)
    actions = [
        line for line in said.splitlines() if line.startswith(("  = ", "  + ")) and "@" in line
    ]
    parts.append(
        "The stages that were done before the last one failed:\n\n" + block("\n".join(actions))
    )
    return "\n".join(parts)


def script(path: str, *arguments: str) -> str:
    """Run a script of the repository; give its output as a document."""
    command = [sys.executable, str(ROOT / path), *arguments]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    return (
        f"# {path}\n\n`python {' '.join([path, *arguments])}`: exit "
        f"{done.returncode}.\n\n{block(done.stdout + done.stderr)}"
    )


def fashion_mnist(folder: Path) -> str:
    """The seven steps on Fashion-MNIST."""
    shutil.copy(ROOT / "recipes" / "fashion-mnist.yaml", folder)
    command = ["compile", "fashion-mnist.yaml", "-o", "out", "--store", "store"]
    missing = ["compile", "fashion-mnist.yaml", "--dry-run", "--set", "folder=not-installed"]
    code, said, seconds = run(*command, folder=folder)
    wrong, told, _ = run(*missing, folder=folder)
    return (
        f"# The seven steps on Fashion-MNIST\n\n`recipec {' '.join(command)}`: exit {code}, "
        f"**{seconds / 60:.1f} minutes**.\n\n{block(said)}\n"
        f"Where the data isn't installed (`--set folder=not-installed`): exit {wrong}.\n\n"
        f"{block(told)}"
    )


SLIPS = (
    ("uses: train.fit", "uses: train.fitt"),
    ("epochs: 10", "epoch: 10"),
    ("epochs: 10", "epochs: ten"),
    ("baseline: onnx-original", "baseline: onnx-orignal"),
    ("split: train", "split: trian"),
    ("recipec_torch.zoo:resnet", "recipec_torch.zoo.resnet"),
    ("max_drop: 1pp", "max_drop: 1"),
    ("data: test", "data: tset"),
    ("stages:", "stage:"),
    ("seed: 0", "seed: 0\nseed: 1"),
    ("amount: 50%", "amount: 50"),
    ("      epochs: 10", "\t  epochs: 10"),
)
EXTENDED = """\
apiVersion: recipec/v1
extends: my.yaml
name: sweep
matrix: {stages.prune.with.amount: [30%, 50%]}
stages:
  - {id: trained, with: {epochs: 12}}
"""


def newcomer(folder: Path) -> str:
    """A recipe from `recipec init`, twelve slips in it, and a second one that extends it."""
    init = ["init", "my.yaml", "--yes", "--model", "recipec_torch.zoo:resnet", "--data"]
    init += ["data.digits", "--target", "onnxruntime", "--goal", "smaller"]
    code, said, _ = run(*init, folder=folder)
    parts = [
        "# As a newcomer\n",
        f"`recipec {' '.join(init)}`: exit {code}.\n\n{block(said)}",
        "## Twelve slips\n",
    ]
    text = (folder / "my.yaml").read_text(encoding="utf-8")
    for right, wrong in SLIPS:
        if right not in text:
            raise LookupError(right)
        (folder / "slip.yaml").write_text(text.replace(right, wrong, 1), encoding="utf-8")
        code, said, _ = run("compile", "slip.yaml", "--dry-run", "-q", folder=folder)
        parts.append(f"`{right.strip()}` → `{wrong.strip()}`: exit {code}.\n\n{block(said)}")
    (folder / "sweep.yaml").write_text(EXTENDED, encoding="utf-8")
    parts.append(f"## A second recipe that extends it\n\n{block(EXTENDED)}")
    code, said, _ = run("compile", "sweep.yaml", "--dry-run", "--store", "store", folder=folder)
    table = said.partition("\n\nplan of")[0]
    parts.append(f"`recipec compile sweep.yaml --dry-run`: exit {code}.\n\n{block(table)}")
    return "\n".join(parts)


MAKERS: dict[str, Callable[[Path], str]] = {
    "seven-steps": seven_steps,
    "bad-input": bad_input,
    "startup": lambda _: script("benchmarks/startup.py"),
    "many-plugins": lambda _: script("benchmarks/many_plugins.py"),
    "overhead": lambda _: script("benchmarks/overhead.py"),
    "fashion-mnist": fashion_mnist,
    "newcomer": newcomer,
    "plan-scale": lambda _: script("benchmarks/plan_scale.py"),
    "estimates": lambda _: script("benchmarks/estimates.py"),
    "fuzz": lambda _: script("tests/fuzz/run.py", "--inputs", "100000"),
}


def main(names: list[str]) -> None:
    """Make the documents that are named, or all."""
    for name in names or list(MAKERS):
        with tempfile.TemporaryDirectory() as temporary:
            text = MAKERS[name](Path(temporary))
            # What the machine is called and where its temporary folders are is nobody's business.
            text = text.replace(temporary, "FOLDER").replace(str(ROOT), "REPOSITORY")
        (HERE / f"{name}.md").write_text(text, encoding="utf-8")
        print(HERE / f"{name}.md")


if __name__ == "__main__":
    main(sys.argv[1:])
