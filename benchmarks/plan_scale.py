"""How planning grows with the recipe: time and memory of a dry run of up to 10,000 stages.

    python benchmarks/plan_scale.py [--runs 3] [--stages 10 100 1000 10000]

The model has 15 layers (seven convolutions with batch normalization and a linear layer) and is
known, so no framework is imported. Three shapes of recipe, of the bundled operators:

- fan-out: a trained baseline, and from it branches of prune → retrain → int8 → ONNX → engine;
- chain: every stage takes the one before: training, now and then pruning, at last an ONNX file;
- matrix: variants of a recipe of ten stages, 1,000 of them for 10,000 stages.

All measure everything after every stage (a recipe of 10,000 stages has some 18,000 measurements,
and one of latency with all models) and have gates. What is timed is the whole process of
`recipec compile RECIPE --dry-run`, its text included, in user + system time as the kernel accounts
it, as other processes don't count there; wall time is printed beside it.

Time is linear when a stage more costs the same in a large recipe as in a small one: compared is
what each stage costs beyond the process that plans the smallest recipe.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
RECIPEC = str(Path(sys.executable).with_name("recipec"))
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

SECONDS, MEMORY, RATIO = 10.0, 2**30, 1.5
"""For 10,000 stages: CPU seconds and bytes; and how much more a stage may cost than among 100."""

MODEL = """\
from torch import nn


def net():
    widths = (1, 64, 64, 128, 128, 256, 256, 512)
    layers = []
    for before, after in zip(widths, widths[1:]):
        convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
"""
HEAD = """\
apiVersion: recipec/v1
name: scale
vars:
  amount: {default: 0.5, min: 0.05, max: 0.9, description: share of channels that leave}
model: {uses: torch.model, with: {builder: "model.py:net", input: {x: {shape: [N, 1, 8, 8]}}}}
data:
  train: {uses: data.digits, with: {split: train}}
  validation: {uses: data.digits, with: {split: validation}}
  test: {uses: data.digits, with: {split: test}}
measure: {data: test, metrics: [size, parameters, macs, sparsity, accuracy, latency, throughput]}
baseline: trained
stages:
  - {id: trained, uses: train.fit, with: {data: train, epochs: 12}}
"""


class Spent(NamedTuple):
    """What one process took: CPU and wall time in seconds, the most memory in bytes."""

    cpu: float
    wall: float
    memory: int


def fan_out(stages: int) -> str:
    """Write a recipe of branches from one trained model; each is compared with it."""
    lines, gates = [HEAD], []
    steps = (
        "prune-{n}, uses: prune.channels, needs: trained, with: {{amount: {amount}, round_to: 8}}",
        "retrain-{n}, uses: train.fit, with: "
        "{{data: train, epochs: {epochs}, precision: bf16-mixed}}",
        "int8-{n}, uses: quantize.static, with: "
        "{{target: tensorrt, calibration: {{data: train, samples: 256}}}}",
        "onnx-{n}, uses: onnx.export, with: {{check: {{data: validation}}}}",
        "engine-{n}, uses: tensorrt.build, with: "
        '{{runtime: tensorrt-rtx, compute_capabilities: ["8.9"]}}',
    )
    for index in range(stages - 1):
        n, step = divmod(index, len(steps))
        amount = '"${vars.amount}"' if n % 2 else f"{0.1 + n % 80 / 100:.2f}"
        said = steps[step].format(n=n, amount=amount, epochs=1 + n % 20)
        lines.append(f"  - {{id: {said}}}\n")
        if step == 3:
            gates.append(f"  - {{stage: onnx-{n}, metric: accuracy, max_drop: 1pp}}\n")
            gates.append(f"  - {{stage: onnx-{n}, metric: size.disk, min_ratio: 3x}}\n")
    return "".join([*lines, "gates:\n", *gates] if gates else lines)


def chain(stages: int) -> str:
    """Write a recipe in which every stage takes the one before it."""
    lines = [HEAD]
    for n in range(1, stages - 1):
        if n % 10 == 5:
            said = "prune.channels, with: {amount: 0.05, round_to: 1, allow_unchanged: true}"
        else:
            said = (
                f"train.fit, with: {{data: train, epochs: {1 + n % 20}, batch_size: {16 + n % 7}}}"
            )
        lines.append(f"  - {{id: step-{n}, uses: {said}}}\n")
    lines.append("  - {id: onnx, uses: onnx.export, with: {check: {data: validation}}}\n")
    lines.append("gates:\n  - {stage: onnx, metric: accuracy, max_drop: 1pp}\n")
    return "".join(lines)


def matrix(stages: int) -> str:
    """Write a recipe of ten stages with as many variants as make up so many stages."""
    amounts = [f"{0.1 + 0.8 * n / (stages // 100):.4f}" for n in range(stages // 100)]
    axes = (
        f"  amount: [{', '.join(amounts)}]\n"
        f"  stages.retrain-0.with.epochs: [{', '.join(map(str, range(1, 11)))}]\n"
    )
    return f"{fan_out(10)}matrix:\n{axes}"


SHAPES: dict[str, Callable[[int], str]] = {"fan-out": fan_out, "chain": chain, "matrix": matrix}
LEAST: dict[str, int] = {"matrix": 100}
"""How many stages a shape has at least: a matrix, ten variants."""


def spent(command: list[str], folder: Path) -> Spent:
    """Run a command to its end, and say what it took. Raises OSError, CalledProcessError."""
    began = time.perf_counter()
    with (folder / "output.txt").open("wb") as output:
        pid = os.posix_spawn(
            command[0],
            command,
            ENVIRONMENT,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
        )
        _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if code := os.waitstatus_to_exitcode(status):
        end = (folder / "output.txt").read_text()[-2000:]
        sys.exit(f"{' '.join(command)} ended with {code}:\n{end}")
    return Spent(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def middle(runs: list[Spent]) -> Spent:
    """Give the medians of several runs."""
    return Spent(
        median(run.cpu for run in runs),
        median(run.wall for run in runs),
        round(median(run.memory for run in runs)),
    )


def grown(sizes: list[int], costs: dict[int, Spent], one_recipe: bool) -> bool:
    """Print a shape's table; say whether it keeps all limits."""
    kept = True
    smallest = sizes[0]
    marginal: dict[int, float] = {}
    for size in sizes:
        cost = costs[size]
        line = f"{size:>7,} stages: {cost.cpu:6.2f} s CPU, {cost.wall:6.2f} s"
        line += f", {cost.memory / 2**20:5.0f} MiB"
        if size != smallest:
            marginal[size] = (cost.cpu - costs[smallest].cpu) / (size - smallest)
            line += f", {marginal[size] * 1000:.2f} ms a stage"
        print(line)
    first, last = sizes[1], sizes[-1]
    ratio = marginal[last] / marginal[first]
    kept &= ratio <= RATIO
    print(f"  a stage among {last:,} costs {ratio:.2f} times one among {first:,} (limit {RATIO})")
    if last == 10_000 and one_recipe:
        kept &= costs[last].cpu <= SECONDS and costs[last].memory <= MEMORY
        print(f"  limits of a recipe of 10,000 stages: {SECONDS:.0f} s, {MEMORY / 2**20:.0f} MiB")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--stages", type=int, nargs="+", default=[10, 100, 1_000, 10_000])
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    asked = parser.parse_args()
    all_sizes = sorted(asked.stages)
    if len([size for size in all_sizes if size >= max(LEAST.values())]) < 3:
        parser.error("three sizes of at least 100 stages make a comparison")
    kept = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "model.py").write_text(MODEL)
        for name in asked.shapes:
            sizes = [size for size in all_sizes if size >= LEAST.get(name, 0)]
            recipes = {size: folder / f"{name}-{size}.yaml" for size in sizes}
            for size, path in recipes.items():
                path.write_text(SHAPES[name](size))
            commands = {
                size: [RECIPEC, "compile", str(path), "--dry-run", "--store", str(folder / "store")]
                for size, path in recipes.items()
            }
            spent(commands[sizes[0]], folder)  # makes the model known, and warms the file cache
            runs: dict[int, list[Spent]] = {size: [] for size in sizes}
            for _ in range(asked.runs):
                for size in sizes:
                    # What is short is repeated: its difference is what a stage's price is made of.
                    for _ in range(5 if size <= 100 else 1):
                        runs[size].append(spent(commands[size], folder))
            print(name)
            costs = {size: middle(taken) for size, taken in runs.items()}
            kept &= grown(sizes, costs, one_recipe=name != "matrix")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
