"""Writes the folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from recipec.api import (
    Artifact,
    DataSamples,
    Model,
    Preprocessing,
    RunContext,
    StageResult,
    Unknown,
)
from recipec_package._card import card
from recipec_package._examples import make_examples, save_arrays
from recipec_package._usage import usage
from recipec_package.folder import BasedOn, FolderParams
from recipec_package.labels import labels_text
from recipec_package.package import Package
from recipec_package.runtimes import SNIPPETS

_FLOAT_TOLERANCE, _QUANTIZED_TOLERANCE = 1e-3, 0.05


def make_package(
    params: FolderParams,
    labels: tuple[str, ...] | None,
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> StageResult:
    """Write the package to `context.path_for("package")`.

    Raises OperatorError when the model doesn't load or run on the examples.
    """
    model: Artifact[Model] = inputs["model"]
    data: Artifact[DataSamples] = inputs["data"]
    examples = make_examples(model, data, params.examples, context.threads)
    snippet = SNIPPETS[model.facts.kind]
    folder, name = context.path_for("package"), f"model{model.facts.suffix}"
    folder.mkdir()
    _copy(model.path, folder / name)
    save_arrays(folder / "example_inputs.npz", examples.inputs)
    save_arrays(folder / "example_outputs.npz", {"output": examples.output})
    if labels is not None:
        _write(folder / "labels.txt", labels_text(labels))
    script = usage(
        snippet,
        name,
        data.facts.preprocessing,
        raw=examples.raw,
        labels=labels is not None,
        classes=isinstance(data.facts.classes, int) and examples.output.ndim == 2,
        tolerance=_tolerance(params, model.facts) * float(np.ptp(examples.output) or 1.0),
    )
    _write(folder / "usage.py", script)
    needed = [f"{one}=={version(one)}" for one in ("numpy", snippet.distribution)]
    _write(folder / "requirements.txt", "\n".join(needed))
    described = description(params, labels, model, data, name)
    _write(folder / "package.json", json.dumps(described, indent=2, ensure_ascii=False))
    _write(folder / "README.md", card(described, script))
    made = Package(
        model=model.facts.kind,
        inputs=model.facts.inputs,
        outputs=model.facts.outputs,
        licence=params.licence,
        labels=None if labels is None else len(labels),
        files=tuple(sorted(path.name for path in folder.iterdir())),
    )
    return StageResult({"package": made})


def description(
    params: FolderParams,
    labels: tuple[str, ...] | None,
    model: Artifact[Model],
    data: Artifact[DataSamples],
    name: str,
) -> dict[str, Any]:
    """Give the content of `package.json`; what isn't known isn't there."""
    facts = model.facts
    steps = data.facts.preprocessing
    weights: dict[str, Any] = {}
    if not isinstance(facts.layers, Unknown):
        weights = {"parameters": facts.layers.parameters, "multiply_adds": facts.layers.macs}
    told = {
        "format": 1,
        "title": params.title,
        "description": params.description,
        "licence": params.licence,
        "model": {
            "file": name,
            "kind": facts.kind,
            "bytes": model.size,
            "sha256": model.digest,
            **facts.model_dump(mode="json", include={"inputs", "outputs", "precision"}),
            "quantization": facts.model_dump(mode="json")["quantization"],
            **weights,
        },
        "preprocessing": steps.model_dump(mode="json")
        if isinstance(steps, Preprocessing)
        else None,
        "labels": labels,
        "provenance": {
            "origin": params.origin,
            **({"based_on": _said(params.based_on)} if params.based_on else {}),
            "data_sha256": data.digest,
            "versions": {
                one: version(one) for one in ("recipec", "numpy", SNIPPETS[facts.kind].distribution)
            },
        },
    }
    return {key: value for key, value in told.items() if value is not None}


def _said(based_on: BasedOn) -> dict[str, str]:
    return based_on.model_dump(mode="json", exclude_none=True)


def _tolerance(params: FolderParams, model: Model) -> float:
    if params.tolerance is not None:
        return params.tolerance
    return _FLOAT_TOLERANCE if model.quantization is None else _QUANTIZED_TOLERANCE


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
