"""Quantization-aware training against rounding alone, at 8, 4, 3 and 2 bits of weights.

python docs/evidence/qat.py [SEEDS]        rewrites qat.md and ../images/qat.svg
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch

from recipec.api import (
    UNKNOWN,
    Artifact,
    DataSamples,
    ImportString,
    StageResult,
    TensorSpec,
)
from recipec.api.data import open_samples
from recipec.api.data.reference import write_reference
from recipec.api.torch import (
    SavedModule,
    build_module,
    load_exported,
    load_module,
    module_facts,
    reproducible,
    save_code,
    save_module,
)
from recipec.testing import AloneRunContext, artifact
from recipec_quantize.qat import QuantizationAwareTraining
from recipec_quantize.static import StaticQuantization
from recipec_train.fit import Fit

HERE = Path(__file__).parent
BITS = (8, 4, 3, 2)
OPENING = """\
# Quantization-aware training against rounding alone

Made by `python docs/evidence/qat.py`. A trained float model is quantized by `quantize.static`
(512 samples to calibrate, observer `histogram`) and by `quantize.qat`
({qat}),
both for `target: cpu`, with weights of 8, 4, 3 and 2 bits and 8-bit activations unless the row says
otherwise. Accuracy on the test split, {seeds}.
What is measured is the converted int8 program.

"""


class Task(NamedTuple):
    """A data set, a model, and how it is trained in float."""

    name: str
    loader: str
    arguments: dict[str, Any]
    shape: tuple[int | str, ...]
    builder: str
    model: dict[str, Any]
    fit: dict[str, Any]
    qat: dict[str, Any]


SUBSET = {"take": None, "skip": 0, "draw": 0, "labelled": True}
TASKS = (
    Task(
        "digits",
        "recipec_data._digits:load",
        {"mean": 0.0, "std": 1.0, "subset": SUBSET},
        ("N", 1, 8, 8),
        "recipec_torch.zoo:resnet",
        {"depth": 8},
        {"epochs": 12, "augment": {"rotate": 10, "scale": 0.1, "shift": 0.5}},
        {"epochs": 8, "augment": {"rotate": 10, "scale": 0.1, "shift": 0.5}},
    ),
    Task(
        "MNIST-1D",
        "recipec_data._mnist1d:load",
        {"mean": 0.0, "std": 1.0, "subset": SUBSET},
        ("N", 1, 40),
        "qat_nets.py:signal_cnn",
        {},
        {"epochs": 40, "batch_size": 64},
        {"epochs": 20, "batch_size": 64},
    ),
)


class Bench:
    """One task with one seed: its data, its float model, and what becomes of it."""

    def __init__(self, task: Task, seed: int, folder: Path) -> None:
        self.task, self.seed, self.folder = task, seed, folder
        folder.mkdir()
        self.inputs = (TensorSpec(name="x", shape=task.shape),)
        self.data = {split: self._data(split) for split in ("train", "test")}
        with reproducible(seed, 1):
            module = build_module(ImportString(task.builder), task.model, HERE)
        structure = SavedModule(builder=task.builder, arguments=task.model, inputs=self.inputs)
        path = folder / "model"
        save_module(path, module, structure)
        if ".py:" in task.builder:
            save_code(path, HERE / task.builder.partition(":")[0])
        start = artifact(module_facts(module, self.inputs, UNKNOWN), path)
        fit = Fit(Fit.params.model_validate({"data": "train", **task.fit}))
        self.float, _ = self._run(fit, {"model": start, "data": self.data["train"]}, "fit")

    def _data(self, split: str) -> Artifact[DataSamples]:
        path = self.folder / f"{split}.json"
        write_reference(path, self.task.loader, {"split": split, **self.task.arguments})
        unknown = artifact(DataSamples(inputs=self.inputs), path)
        facts = DataSamples(count=len(open_samples(unknown)), inputs=self.inputs, classes=10)
        return artifact(facts, path)

    def _run(
        self, operator: Any, inputs: dict[str, Artifact[Any]], name: str
    ) -> tuple[Artifact[Any], StageResult]:
        folder = self.folder / name
        context = AloneRunContext(folder, operator, self.seed, 1)
        result = operator.run(inputs, context)
        return artifact(result.outputs["model"], context.path_for("model")), result

    def static(self, **params: Any) -> float:
        """Quantize by rounding; give the accuracy."""
        calibration = {"data": "train", "samples": 512}
        operator = StaticQuantization(
            StaticQuantization.params.model_validate({"calibration": calibration, **params})
        )
        inputs = {"model": self.float, "calibration.data": self.data["train"]}
        return self.accuracy(
            self._run(operator, inputs, f"static-{len(list(self.folder.iterdir()))}")[0]
        )

    def qat(self, **params: Any) -> float:
        """Quantize by training; give the accuracy."""
        operator = QuantizationAwareTraining(
            QuantizationAwareTraining.params.model_validate(
                {"data": "train", **self.task.qat, **params}
            )
        )
        inputs = {"model": self.float, "data": self.data["train"]}
        return self.accuracy(
            self._run(operator, inputs, f"qat-{len(list(self.folder.iterdir()))}")[0]
        )

    def accuracy(self, model: Artifact[Any]) -> float:
        """Give the share of test samples that are classified right."""
        exported = model.path.is_file()
        module = load_exported(model.path).module() if exported else load_module(model.path)
        test = self.data["test"]
        batch = open_samples(test).take(range(len(open_samples(test))))
        assert batch.labels is not None
        with torch.no_grad():
            logits = module(torch.from_numpy(batch.inputs["x"]))
        return float((logits.argmax(1).numpy() == batch.labels).mean())


ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    *((f"{bits}-bit weights", {"weight_bits": bits}) for bits in BITS),
    ("4-bit weights, 4-bit activations", {"weight_bits": 4, "activation_bits": 4}),
    ("3-bit weights, 3-bit activations", {"weight_bits": 3, "activation_bits": 3}),
)


Accuracies = dict[str, dict[str, list[float]]]
"""By row and method, one for each seed."""


def measure(task: Task, seed: int, folder: Path, found: Accuracies) -> None:
    """Add the accuracies of one seed."""
    bench = Bench(task, seed, folder / f"{task.name}-{seed}")
    found.setdefault("fp32", {}).setdefault("float", []).append(bench.accuracy(bench.float))
    for name, params in ROWS:
        row = found.setdefault(name, {"static": [], "qat": []})
        row["static"].append(bench.static(**params))
        row["qat"].append(bench.qat(**params))
        print(task.name, seed, name, row["static"][-1], row["qat"][-1], flush=True)


def shown(values: list[float]) -> str:
    """Write a mean with its extremes, in percent."""
    if len(values) == 1:
        return f"{values[0]:.1%}"
    return f"{statistics.mean(values):.1%} ({min(values):.1%} to {max(values):.1%})"


def table(task: Task, found: Accuracies) -> str:
    """Write a task's table."""
    reference = statistics.mean(found["fp32"]["float"])
    lines = [
        f"## {task.name}",
        "",
        f"float32: {shown(found['fp32']['float'])}",
        "",
        "| | `quantize.static` | `quantize.qat` | QAT against float32 |",
        "|---|---|---|---|",
    ]
    for name, _ in ROWS:
        row = found[name]
        points = 100 * (statistics.mean(row["qat"]) - reference)
        lines.append(
            f"| {name} | {shown(row['static'])} | {shown(row['qat'])} | {points:+.1f} points |"
        )
    return "\n".join(lines) + "\n"


def plot(results: dict[str, Accuracies], path: Path) -> None:
    """Draw accuracy over bits, one panel a task."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "recipec"
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(results), figsize=(8, 3.2), sharey=True)
    for panel, (name, found) in zip(panels, results.items(), strict=True):
        for method, colour in (("qat", "#1b6ca8"), ("static", "#c0562b")):
            means = [100 * statistics.mean(found[f"{b}-bit weights"][method]) for b in BITS]
            panel.plot(range(len(BITS)), means, "o-", color=colour, label=f"quantize.{method}")
            for place, bits in enumerate(BITS):
                values = [100 * value for value in found[f"{bits}-bit weights"][method]]
                panel.vlines(place, min(values), max(values), color=colour, alpha=0.4)
        panel.axhline(
            100 * statistics.mean(found["fp32"]["float"]), color="grey", ls="--", label="float32"
        )
        panel.set_title(name, fontsize=11)
        panel.set_xticks(range(len(BITS)), [str(bits) for bits in BITS])
        panel.set_xlabel("bits of a weight, 8-bit activations")
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("accuracy on the test split, %")
    panels[0].legend(fontsize=8, loc="lower left")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def write(results: dict[str, Accuracies], seeds: int, minutes: float) -> None:
    """Rewrite the document and its plot."""
    lengths = ", ".join(f"{task.qat['epochs']} epochs on {task.name}" for task in TASKS)
    many = "one seed" if seeds == 1 else f"mean over {seeds} seeds, with the lowest and highest"
    text = OPENING.format(qat=f"{lengths}, otherwise its defaults", seeds=many)
    text += "![Accuracy over bits](../images/qat.svg)\n\n"
    text += "\n".join(table(task, results[task.name]) for task in TASKS)
    claims = []
    for name, found in results.items():
        reference = statistics.mean(found["fp32"]["float"])
        points = 100 * (statistics.mean(found["3-bit weights"]["qat"]) - reference)
        verdict = "holds" if points >= -1.5 else "falls short"
        claims.append(f"{name} {points:+.1f} points ({verdict})")
    text += (
        "\nThe aim, QAT with 3-bit weights and 8-bit activations within 1.5 points of float32: "
        f"{'; '.join(claims)}.\n\nAll of it took {minutes:.0f} minutes of one core.\n"
    )
    (HERE / "qat.md").write_text(text)
    plot(results, HERE.parent / "images" / "qat.svg")


def main() -> None:
    """Measure seed by seed, and rewrite the document after each."""
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    began = time.process_time()
    results: dict[str, Accuracies] = {task.name: {} for task in TASKS}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            for task in TASKS:
                measure(task, seed, Path(folder), results[task.name])
            write(results, seed + 1, (time.process_time() - began) / 60)


if __name__ == "__main__":
    main()
