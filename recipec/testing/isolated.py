"""Plans an operator in a child process where no framework can be imported.

This file is also the program that the child runs, so that it imports nothing but `recipec.api` and
what the operator imports.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from recipec.api import Facts, Operator, StagePlan

FRAMEWORKS: Final = (
    "torch",
    "torchvision",
    "torch_pruning",
    "torchao",
    "lightning_fabric",
    "numpy",
    "onnx",
    "onnxscript",
    "onnx_graphsurgeon",
    "onnxruntime",
    "onnxslim",
    "openvino",
    "tensorrt",
    "tensorrt_rtx",
    "sklearn",
    "safetensors",
    "torchmetrics",
    "transformers",
    "tokenizers",
    "datasets",
    "timm",
    "PIL",
    "mnist1d",
    "scipy",
    "jinja2",
    "rich",
)
"""What the light half of an operator must not import, also not through something else."""


def plan_as_json(plan: StagePlan) -> dict[str, Any]:
    """Write down everything a stage plan says."""
    return {
        "outputs": {port: facts.to_json() for port, facts in plan.outputs.items()},
        "effects": list(plan.effects),
        "changed": {
            what: count if isinstance(count, int) else "unknown"
            for what, count in plan.changed.items()
        },
        "warnings": list(plan.warnings),
        "requires": [[r.spec, r.install] for r in plan.requires],
        "unmeasured": dict(plan.unmeasured),
    }


def plan_without_frameworks(
    operator: type[Operator[Any]],
    params: Mapping[str, Any],
    inputs: Mapping[str, Facts],
    folder: Path,
    answers: Mapping[str, Any],
) -> dict[str, Any]:
    """Import `operator` and call its `plan()` in a child process without frameworks.

    `answers` are those of an `AlonePlanContext` that planned the same: what recipec remembers of a
    known model. Raises AssertionError with the child's traceback when it fails.
    """
    task = {
        "path": sys.path,
        "frameworks": FRAMEWORKS,
        "operator": _location(operator),
        "params": dict(params),
        "inputs": {port: [_location(type(f)), f.to_json()] for port, f in inputs.items()},
        "folder": str(folder),
        "answers": dict(answers),
    }
    child = subprocess.run(
        [sys.executable, "-P", __file__], input=json.dumps(task), capture_output=True, text=True
    )
    if child.returncode:
        raise AssertionError(
            f"{operator.id} can't be imported and planned without frameworks:\n{child.stderr}"
        )
    planned: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return planned


def _location(thing: type[Any]) -> tuple[str, str, str]:
    return thing.__module__, inspect.getfile(thing), thing.__qualname__


def _load(module: str, file: str, qualname: str) -> Any:
    found: Any = sys.modules.get(module)
    if found is None:
        # A test's own module has a name that can't be imported, so it is loaded from its file.
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as problem:
            if problem.name is None or not f"{module}.".startswith(f"{problem.name}."):
                raise
            spec = importlib.util.spec_from_file_location(module, file)
            if spec is None or spec.loader is None:
                raise
            found = sys.modules[module] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(found)
    for name in qualname.split("."):
        found = getattr(found, name)
    return found


def _main() -> None:
    task = json.load(sys.stdin)
    sys.path[:] = task["path"]
    for framework in task["frameworks"]:
        sys.modules[framework] = None  # type: ignore[assignment]  # makes importing it an error
    operator = _load(*task["operator"])
    inputs = {port: _load(*kind).from_json(facts) for port, (kind, facts) in task["inputs"].items()}
    params = operator.params.model_validate(task["params"])
    # From its file: importing recipec.testing would import pytest, which the child has no use for.
    contexts = _load(
        "recipec_testing_contexts", str(Path(__file__).parent / "contexts.py"), "AlonePlanContext"
    )
    context = contexts(Path(task["folder"]), answers=task["answers"])
    print(json.dumps(plan_as_json(operator(params).plan(inputs, context))))


if __name__ == "__main__":
    _main()
