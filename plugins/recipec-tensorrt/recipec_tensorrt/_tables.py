"""Quantized tables whose rows are looked up: TensorRT wants them dequantized before that.

Weight-only quantization looks up int8 rows, and beside them their scales, and multiplies the two.
TensorRT takes an int8 tensor only where a DequantizeLinear follows it. So the table is dequantized
in front of the Gather: the same numbers, and the engine keeps the table in int8.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # no types
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper


def dequantize_tables(path: Path, folder: Path) -> tuple[Path, int]:
    """Give a file that TensorRT takes, and how many tables it differs in.

    It is `path` itself when it has no such table, and when it can't be read, which the parser
    says; else a file in `folder`, with all weights inside.
    """
    try:
        model = onnx.load(path, load_external_data=False)
    except (OSError, DecodeError):
        return path, 0
    if not any(_tables(model.graph)):
        return path, 0
    onnx.load_external_data_for_model(model, str(path.parent))
    count = sum(_dequantize(model.graph, table) for table in _tables(model.graph))
    if not count:
        return path, 0
    changed = folder / "model.onnx"
    _save(model, changed)
    return changed, count


def _save(model: ModelProto, path: Path) -> None:
    path.write_bytes(model.SerializeToString(deterministic=True))


def _tables(graph: GraphProto) -> list[NodeProto]:
    """Give the nodes that look up rows of a stored int8 matrix."""
    stored = {t.name for t in graph.initializer if t.data_type == TensorProto.INT8}
    return [n for n in graph.node if n.op_type == "Gather" and n.input[0] in stored and _rows(n)]


def _rows(node: NodeProto) -> bool:
    return all(attribute.i == 0 for attribute in node.attribute if attribute.name == "axis")


def _dequantize(graph: GraphProto, gather: NodeProto) -> bool:
    """Move the scales of a lookup in front of it; say whether it was one of that form."""
    readers: dict[str, list[NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    outputs = {value.name for value in graph.output}

    def only(name: str, operator: str) -> NodeProto | None:
        found = [] if name in outputs else readers.get(name, [])
        return found[0] if len(found) == 1 and found[0].op_type == operator else None

    cast = only(gather.output[0], "Cast")
    product = only(cast.output[0], "Mul") if cast is not None else None
    if cast is None or product is None:
        return False
    other = next((name for name in product.input if name != cast.output[0]), "")
    stored = {tensor.name: tensor for tensor in graph.initializer}
    if gather.input[1] in stored and other in stored and product.output[0] not in outputs:
        _store_rows(graph, gather, stored[other], product.output[0])
        gone = [gather, cast, product]
    else:
        scaling = next((n for n in graph.node if other in n.output), None)
        scale = _scale(gather, scaling, stored)
        if scaling is None or scale is None:
            return False
        _put_before(graph, gather, scale, stored)
        gather.output[0] = product.output[0]
        gone = [cast, product, *([scaling] if len(readers[other]) == 1 else [])]
    for node in gone:
        graph.node.remove(node)
    return True


def _scale(
    gather: NodeProto, scaling: NodeProto | None, stored: Mapping[str, TensorProto]
) -> TensorProto | None:
    """Give the scales [rows, 1] of a table, where they are looked up as its rows are."""
    if scaling is None or scaling.op_type != "Gather" or not _rows(scaling):
        return None
    table, scale = stored[gather.input[0]], stored.get(scaling.input[0])
    if scale is None or scaling.input[1] != gather.input[1] or len(table.dims) != 2:
        return None
    return scale if list(scale.dims) == [table.dims[0], 1] else None


def _put_before(
    graph: GraphProto, gather: NodeProto, scale: TensorProto, stored: Mapping[str, TensorProto]
) -> None:
    """Dequantize a table row by row, and let the lookup read the result."""
    table = gather.input[0]
    by_row, whole = f"{scale.name}/rows", f"{table}/dequantized"
    if by_row not in stored:
        values = np.ascontiguousarray(numpy_helper.to_array(scale).reshape(-1))
        graph.initializer.append(numpy_helper.from_array(values, by_row))
        node = helper.make_node("DequantizeLinear", [table, by_row], [whole], name=whole, axis=0)
        graph.node.insert(0, node)
    gather.input[0] = whole


def _store_rows(graph: GraphProto, gather: NodeProto, scale: TensorProto, name: str) -> None:
    """Store the rows that are always the same (positions), and dequantize them."""
    stored = {tensor.name: tensor for tensor in graph.initializer}
    table, places = (numpy_helper.to_array(stored[i]) for i in gather.input)
    rows, scales = table[places], numpy_helper.to_array(scale)
    wide = [axis for axis, size in enumerate(scales.shape) if size > 1]
    if len(scales.shape) != len(rows.shape) or len(wide) > 1:  # more than an axis of a DQ says
        floats = rows.astype(np.float32) * scales
        graph.initializer.append(numpy_helper.from_array(floats, name))
        return
    by_row = np.ascontiguousarray(scales.reshape(-1) if wide else scales.reshape(()))
    graph.initializer.append(numpy_helper.from_array(rows, f"{name}/rows"))
    graph.initializer.append(numpy_helper.from_array(by_row, f"{name}/scale"))
    inputs = [f"{name}/rows", f"{name}/scale"]
    axis: dict[str, Any] = {"axis": wide[0]} if wide else {}
    graph.node.insert(0, helper.make_node("DequantizeLinear", inputs, [name], name=name, **axis))
