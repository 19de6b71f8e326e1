"""The heavy half of `onnx.model`."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import onnx
from onnx import ModelProto, TensorProto
from onnx.checker import ValidationError

from recipec.api import OnnxModel, OperatorError, Unknown
from recipec.api.onnx import onnx_facts
from recipec_onnx._read import check_model, read_model, tensors, weight_bytes, write_model
from recipec_onnx.export import LARGEST_FILE


def inspect(*, file: str, external_data: Sequence[str]) -> dict[str, Any]:
    """Give a file's facts, and what there is to say about it, as JSON. Raises OperatorError."""
    path = Path(file)
    model, outside = _checked(path, [Path(one) for one in external_data])
    facts = onnx_facts(path)
    nodes = sum(facts.operators.values()) if isinstance(facts.operators, dict) else 0
    effects = [f"opset {facts.opset}, {nodes} nodes"]
    if outside:
        effects.append(f"weights of {len(outside)} other file(s) are brought into the model's")
    if isinstance(facts.layers, Unknown):
        effects.append(f"its layers can't be told from the file: {_why(facts)}")
    if model.metadata_props:
        keys = ", ".join(sorted(entry.key for entry in model.metadata_props))
        effects.append(f"metadata stay: {keys}")
    return {"facts": facts.to_json(), "effects": effects}


def bring(file: Path, external_data: Sequence[Path], path: Path) -> OnnxModel:
    """Write the model as one file to `path`; give its facts. Raises OperatorError."""
    model, outside = _checked(file, external_data)
    if outside:
        write_model(model, path)
    else:
        shutil.copyfile(file, path)
    return onnx_facts(path)


def _checked(path: Path, given: Sequence[Path]) -> tuple[ModelProto, list[str]]:
    """Read a file with its external data; give the names of that. Raises OperatorError."""
    model = read_model(path, external=False)
    outside = sorted(set(_locations(model)))
    allowed = [one.resolve() for one in given]
    for location in outside:
        _check_location(path, location, allowed)
    if (size := weight_bytes(model)) >= LARGEST_FILE:
        raise OperatorError(
            f"{path.name}: the weights are {size:,} bytes; recipec keeps a model in one file, and "
            "an ONNX file holds less than 2 GiB"
        )
    if outside:
        try:
            onnx.load_external_data_for_model(model, str(path.parent))
        except (OSError, ValueError, ValidationError) as problem:
            raise OperatorError(
                f"{path.name}: its external data can't be read: {problem}"
            ) from problem
    check_model(model, path.name)
    return model, outside


def _locations(model: ModelProto) -> Iterable[str]:
    for tensor in tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL:
            yield next((e.value for e in tensor.external_data if e.key == "location"), "")


def _check_location(path: Path, location: str, given: Sequence[Path]) -> None:
    """Refuse external data that isn't below the file's folder, isn't there, or isn't listed."""
    folder = path.parent.resolve()
    if not location:
        raise OperatorError(f"{path.name} has a tensor in another file, and doesn't say which")
    where = folder / location
    if not where.resolve().is_relative_to(folder):
        raise OperatorError(
            f"{path.name} wants to read {location!r}, which is outside of its folder",
            hint="external data must stand beside the file, or in a folder below",
        )
    if not where.is_file():
        raise OperatorError(f"{path.name} keeps weights in {location!r}, which isn't there")
    if not any(where.resolve().is_relative_to(one) for one in given):
        raise OperatorError(
            f"{path.name} keeps weights in {location!r}, which `external_data` doesn't name",
            at=("external_data",),
            hint=f"write `external_data: [{location}]`, with the path as the recipe sees it",
        )


def _why(facts: OnnxModel) -> str:
    operators = facts.operators if isinstance(facts.operators, dict) else {}
    if bodies := [name for name in ("If", "Loop", "Scan") if name in operators]:
        return f"it has {' and '.join(bodies)}"
    return "shape inference can't tell how often a weight is applied"
