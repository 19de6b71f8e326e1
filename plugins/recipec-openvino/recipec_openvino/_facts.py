"""What a converted model says of itself."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np

from recipec.api import UNKNOWN, LayerTable, OnnxModel, Quantization, TensorSpec, Unknown
from recipec.api.quantization import DYNAMIC_ACTIVATIONS, precision_of
from recipec_openvino._openvino import openvino
from recipec_openvino.model import OpenVINOModel, plain_version

_ENDS: Final = {"Constant", "Parameter", "Result"}


def openvino_facts(model: Any, source: OnnxModel, table: LayerTable | Unknown) -> OpenVINOModel:
    """Describe a model of OpenVINO's.

    Names of free dimensions are the source's: OpenVINO keeps none. `table` is what was planned; it
    holds where the graph has a constant for each of its tensors, else it is UNKNOWN.
    """
    operators = Counter(op.get_type_name() for op in model.get_ops())
    layers = table if isinstance(table, LayerTable) and _holds(table, model) else UNKNOWN
    return OpenVINOModel(
        inputs=_specs(model.inputs, source.inputs),
        outputs=_specs(model.outputs, source.outputs),
        layers=layers,
        precision=UNKNOWN if isinstance(layers, Unknown) else precision_of(layers),
        quantization=_quantization(operators, source),
        operators={name: n for name, n in sorted(operators.items()) if name not in _ENDS},
        openvino_version=plain_version(openvino.get_version()),
    )


def _quantization(operators: Counter[str], source: OnnxModel) -> Quantization | Unknown | None:
    """Give the source's scheme where the graph still quantizes activations as it says, else none.

    Static quantization is a FakeQuantize node; quantization at run time is imitated by arithmetic,
    with a rounding in it.
    """
    scheme = source.quantization
    if not isinstance(scheme, Quantization) or "int8" not in scheme.activations:
        return scheme
    dynamic = scheme.activations == DYNAMIC_ACTIVATIONS
    return scheme if operators["Round" if dynamic else "FakeQuantize"] else None


def _specs(ports: Any, source: tuple[TensorSpec, ...] | Unknown) -> tuple[TensorSpec, ...]:
    known = () if isinstance(source, Unknown) else source
    return tuple(_spec(port, known) for port in ports)


def _spec(port: Any, source: tuple[TensorSpec, ...]) -> TensorSpec:
    same = next((spec for spec in source if spec.name in port.get_names()), None)
    names = same.shape if same else ()
    shape: list[int | str] = []
    for axis, size in enumerate(port.get_partial_shape()):
        if not size.is_dynamic:
            shape.append(size.get_length())
        else:
            name = names[axis] if axis < len(names) else "?"
            shape.append(name if isinstance(name, str) else "?")
    element = port.get_element_type()
    dtype = "bfloat16" if element == openvino.Type.bf16 else np.dtype(element.to_dtype()).name
    return TensorSpec(
        name=same.name if same else port.get_any_name(), shape=tuple(shape), dtype=dtype
    )


def _holds(table: LayerTable, model: Any) -> bool:
    """Say whether the graph has a constant for each tensor: as many elements, zeros, and a type.

    A bias of nothing but zeros may be gone, and what a normalization scales and shifts with:
    OpenVINO leaves out what changes nothing.
    """
    found: Counter[tuple[int, str, int]] = Counter()
    for op in model.get_ops():
        if op.get_type_name() == "Constant":
            values = op.get_data()
            found[values.size, values.dtype.name, int(np.count_nonzero(values == 0))] += 1
    for layer in table.layers:
        if layer.type == "LayerNormalization":
            continue
        for tensor in layer.tensors:
            fits = [
                key
                for key in found
                if key[:2] == (tensor.elements, tensor.dtype)
                and (isinstance(tensor.zeros, Unknown) or key[2] == tensor.zeros)
                and found[key] > 0
            ]
            if fits:
                found[fits[0]] -= 1
            elif not (tensor.name == "bias" and tensor.zeros == tensor.elements):
                return False
    return True
