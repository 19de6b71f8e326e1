"""Technique × model: does the exported ONNX file say what the model said, on 1,000 real samples?

    python docs/evidence/export_agreement.py [MODEL …] [--store FOLDER]

Every cell is a recipe that is compiled and run: model → technique → ONNX (→ TensorRT engine). What
is shown is measured by the recipe's own stages. A cell that can't work must be an error of the plan
that says why; a cell that crashes ends this script. Writes `export-agreement.md` beside this file.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from agreement_cells import CHECK, MODELS, TECHNIQUES, Model, Technique

import recipec
from recipec.run.record import RunRecord

HERE = Path(__file__).parent
SAMPLES = CHECK["samples"]
STEPS = 2 / 255
"""Two steps of an 8-bit output, as a share of its range: what recipec lets pass by itself."""


REFUSALS = {"operator", "nothing-changed"}
"""What an operator says of a model that it can't work on; any other error is this script's."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of a technique on a model; `refused` is the plan's reason.

    `failed` is what the stage's own check said, where outputs are too far apart to be let through.
    """

    technique: str
    model: str
    refused: str | None = None
    failed: str | None = None
    largest: float | None = None
    rms: float | None = None
    top1: float | None = None
    engine: str | None = None


def recipe(model: Model, technique: Technique) -> dict[str, Any]:
    """Write a cell's recipe."""
    stages = [
        *model.before,
        *technique.before(model),
        {"id": "onnx", "uses": "onnx.export", "with": {"check": CHECK}},
        *technique.after,
    ]
    if technique.engine:
        stages.append({"id": "engine", "uses": "tensorrt.build"})
    return {
        "apiVersion": "recipec/v1",
        "name": "cell",
        "model": (technique.trains and model.trained) or model.source,
        "data": {"samples": model.samples},
        "stages": stages,
    }


def run(model: Model, technique: Technique, store: Path) -> Cell:
    """Compile and run a cell."""
    with tempfile.TemporaryDirectory() as folder:
        for file in model.files:
            shutil.copy(HERE / file, folder)
        path = Path(folder, "recipe.yaml")
        path.write_text(yaml.safe_dump(recipe(model, technique), sort_keys=False))
        try:
            compiled = recipec.compile_recipe(recipec.load_recipe(path), store=store)
        except recipec.RecipeError as refused:
            if not {d.code for d in refused.diagnostics} <= REFUSALS:
                raise
            return Cell(
                technique.name, model.name, refused="; ".join(map(_said, refused.diagnostics))
            )
        try:
            record = recipec.run_plan(compiled, Path(folder, "out"))
        except recipec.StageError as failed:
            if "outputs differ" not in str(failed):
                raise
            said = "; ".join(map(_said, failed.diagnostics))
            return Cell(technique.name, model.name, failed=said)
        return _measured(record, technique, model)


def _said(diagnostic: recipec.Diagnostic) -> str:
    return diagnostic.message.partition("): ")[2] or diagnostic.message


def _measured(record: RunRecord, technique: Technique, model: Model) -> Cell:
    compared = [
        stage
        for stage in record.stages
        if any(m.name == "check.max_difference" for m in stage.metrics)
    ][-1]
    found = {m.name: m.value for m in compared.metrics}
    assert record.stage(compared.id).metric("check.max_difference").count == SAMPLES
    engine = None
    if technique.engine:
        made = next(iter(record.stage("engine").sizes.values()))
        engine = f"{made / 1e6:.1f} MB"
    return Cell(
        technique.name,
        model.name,
        largest=found["check.max_difference"],
        rms=found["check.rms_difference"],
        top1=found["check.top1_agreement"] if technique.trains or not model.trained else None,
        engine=engine,
    )


def page(cells: list[Cell]) -> str:
    """Write the table, and below it why the cells that can't work can't."""
    return "\n".join(_lines(cells)) + "\n"


def _lines(cells: list[Cell]) -> Iterator[str]:
    models = list(dict.fromkeys(cell.model for cell in cells))
    yield "# Export agrees: technique × model\n"
    yield "`python docs/evidence/export_agreement.py`.\n"
    yield (
        "Outputs of the technique's model in torch against the exported file in onnxruntime on "
        f"{SAMPLES:,} real samples: root mean square and largest difference as shares of the range "
        "of torch's outputs, and how often the largest output is the same one (where outputs are "
        "class scores). For techniques on ONNX files it is the file before against the file after: "
        "their own error. The two torchvision nets and the LSTM are trained for some epochs first. "
        "“engine” is the size of a TensorRT RTX engine built from the file.\n"
    )
    yield "| technique | " + " | ".join(models) + " |"
    yield "|---|" + "---|" * len(models)
    reasons: list[str] = []
    for technique in dict.fromkeys(cell.technique for cell in cells):
        row = []
        for model in models:
            made = [c for c in cells if (c.technique, c.model) == (technique, model)]
            row.append(_shown(made[0], reasons) if made else "not run")
        yield f"| {technique} | " + " | ".join(row) + " |"
    yield ""
    for number, reason in enumerate(reasons, 1):
        yield f"{number}. {reason}"


def _shown(cell: Cell, reasons: list[str]) -> str:
    if reason := cell.refused or cell.failed:
        if reason not in reasons:
            reasons.append(reason)
        by = "refused by the plan" if cell.refused else "failed by the stage's check"
        return f"{by} ({reasons.index(reason) + 1})"
    far = " (over two 8-bit steps)" if cell.rms > STEPS else ""
    parts = [f"rms {cell.rms:.1e}{far}, max {cell.largest:.1e}"]
    if cell.top1 is not None:
        parts.append(f"top-1 {cell.top1:.1%}")
    if cell.engine:
        parts.append(f"engine {cell.engine}")
    return "<br>".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", help="columns to make; left out, all are, and written")
    parser.add_argument("--technique", help="make only rows with this in their name")
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    cells = []
    with tempfile.TemporaryDirectory() as scratch:
        for model in MODELS:
            if asked.models and model.name not in asked.models:
                continue
            for technique in TECHNIQUES:
                if asked.technique and asked.technique not in technique.name:
                    continue
                cell = run(model, technique, asked.store or Path(scratch))
                print(cell, flush=True)
                cells.append(cell)
    if asked.models or asked.technique:
        print(page(cells))
        return
    (HERE / "export-agreement.md").write_text(page(cells), encoding="utf-8")


if __name__ == "__main__":
    main()
