"""Exported programs (`.pt2`): make, save, load and describe them.

The same program gives the same bytes in any folder and process: source lines, stack traces and
object ids, which torch records with every node, are taken out first. What a program can't say of
itself (the names of inputs and outputs, the type and order of layers) stands in the metadata of
its graph, under "recipec".
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
import torch.ao.quantization.fx._decomposed  # registers the operations of quantized programs
from torch import nn
from torch.export import Dim, ExportedProgram
from torch.export.graph_signature import InputKind
from torch.fx import GraphModule

from recipec.api.artifacts import TensorSpec, TorchExported
from recipec.api.errors import OperatorError
from recipec.api.layers import Layer, LayerTable, Tensor
from recipec.api.quantization import precision_of, scheme_of
from recipec.api.torch._archive import check_archive
from recipec.api.torch._functional import make_functional
from recipec.api.torch._inputs import BATCH, dtype_name, example_inputs
from recipec.api.torch._int4 import packed_weight, unpack_int4
from recipec.api.torch._nodes import TRANSPOSED, WEIGHTED, layer_of, operand
from recipec.api.unknown import UNKNOWN

NOTE: Final = "recipec"
_KEPT: Final = ("val", "tensor_meta", "nn_module_stack")

quantized = torch.ops.quantized_decomposed


def export_program(
    module: nn.Module,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    layers: Iterable[tuple[str, str]],
) -> ExportedProgram:
    """Export a module in eval mode with a free batch, noting names and (layer name, type) pairs.

    Raises OperatorError when torch can't export it, or only for a fixed batch.
    """
    batch = Dim(BATCH, min=1)
    free = tuple(
        {dim: batch for dim, size in enumerate(spec.shape) if size == BATCH} for spec in inputs
    )
    try:
        with torch.no_grad(), warnings.catch_warnings():
            # Recurrent layers list their parameters anew when they are traced; nothing is lost.
            warnings.filterwarnings("ignore", r"The tensor attributes? self\..*_flat_weights")
            program = torch.export.export(
                module, example_inputs(inputs), dynamic_shapes=free, strict=False
            )
    except Exception as problem:  # tracing runs the module's own code, which may raise anything
        reason = str(problem).strip().partition("\n")[0]
        raise OperatorError(
            f"torch can't export this module: {type(problem).__name__}: {reason}",
            hint="its forward() must not depend on values, and must work for any batch size",
        ) from problem
    program.example_inputs = None  # they would be pickled
    make_functional(program.graph_module)
    _strip(program.graph_module)
    program.graph_module.meta["custom"] = {
        NOTE: {
            "inputs": [spec.model_dump(mode="json") for spec in inputs],
            "outputs": [spec.model_dump(mode="json") for spec in outputs],
            "layers": [list(pair) for pair in layers],
        }
    }
    return program


def save_exported(path: Path, program: ExportedProgram) -> None:
    """Write a program that `export_program` made: the same program, the same bytes."""
    buffer = io.BytesIO()  # written to a path, the archive would hold that path's name
    torch.export.save(program, buffer)
    path.write_bytes(buffer.getvalue())


def _strip(graph_module: GraphModule) -> None:
    """Keep of a node's metadata what is the same everywhere: its value, and the layer it's from."""
    for inner in graph_module.modules():
        if not isinstance(inner, GraphModule):
            continue
        for node in inner.graph.nodes:
            node.meta = {key: node.meta[key] for key in _KEPT if key in node.meta}
            if stack := node.meta.pop("nn_module_stack", None):
                path, kind = list(stack.values())[-1]
                name = kind if isinstance(kind, str) else kind.__name__
                if path and not {",", ";"} & set(path):  # torch's separators between entries
                    node.meta["nn_module_stack"] = {path: (path, name.rpartition(".")[2])}


def load_exported(path: Path) -> ExportedProgram:
    """Read a program that `save_exported` wrote. Runs no code that the file brings along.

    `torch.export.load` unpickles what an archive declares as pickled, resolves any name below
    `torch.`, and evaluates expressions; `check_archive` therefore refuses an archive that holds
    anything but tensors as raw bytes and a graph of plain tensor operations. Raises OperatorError
    on such a file, and on one that isn't an exported program of recipec's.
    """
    check_archive(path)
    try:
        program = torch.export.load(io.BytesIO(path.read_bytes()))
    except Exception as problem:  # a damaged archive makes torch raise whatever it stumbles over
        raise OperatorError(
            f"{path.name} can't be read as an exported program: {type(problem).__name__}: {problem}"
        ) from problem
    _note(program)
    return program


def _note(program: ExportedProgram) -> Mapping[str, Any]:
    note = program.graph_module.meta.get("custom", {}).get(NOTE)
    if not isinstance(note, dict):
        raise OperatorError("the exported program lacks the names that recipec notes in it")
    return note


def exported_facts(program: ExportedProgram) -> TorchExported:
    """Read a program's facts: layers, inputs and outputs, precision, quantization."""
    table = exported_layers(program)
    return TorchExported(
        inputs=_specs(program, "inputs"),
        outputs=_specs(program, "outputs"),
        layers=table,
        precision=precision_of(table),
        quantization=scheme_of(_activations(program)),
    )


def _specs(program: ExportedProgram, which: str) -> tuple[TensorSpec, ...]:
    """Give the noted names with the shapes and types that the graph has."""
    signature = program.graph_signature
    names = signature.user_inputs if which == "inputs" else signature.user_outputs
    nodes = {node.name: node for node in program.graph.nodes}
    noted = [TensorSpec.model_validate(spec) for spec in _note(program)[which]]
    specs = []
    for spec, name in zip(noted, names, strict=True):
        value = nodes[str(name)].meta["val"]
        shape = tuple(size if isinstance(size, int) else BATCH for size in value.shape)
        specs.append(TensorSpec(name=spec.name, shape=shape, dtype=dtype_name(value.dtype)))
    return tuple(specs)


def exported_layers(program: ExportedProgram) -> LayerTable:
    """Give the layer table: one row for each layer with tensors, in the module's own order.

    A quantized weight has its scales beside it as `weight_scale`, role "quantization", and a
    four-bit one, which is packed in the file, the shape that it is unpacked to. Scales and zero
    points of activations are numbers in the graph, not tensors of a layer. A tensor that several
    layers share stands in the row of the first that multiplies by it.
    """
    positions, packed = _positions(program), _packed(program)
    noted: list[tuple[str, str]] = [(name, kind) for name, kind in _note(program)["layers"]]
    owners: dict[tuple[object, ...], str] = {}
    others: dict[tuple[object, ...], list[str]] = {}
    tensors: dict[str, list[tuple[str, torch.Tensor, bool]]] = {}
    held = list(_tensors(program))
    for full_name, value, is_parameter in sorted(
        held, key=lambda item: item[0].rpartition(".")[0] not in positions
    ):
        layer, _, name = full_name.rpartition(".")
        if owners.setdefault(_identity(value), layer) == layer:
            tensors.setdefault(layer, []).append((name, value, is_parameter))
        else:
            others.setdefault(_identity(value), []).append(layer)
    rows = []
    for name, kind in noted:
        if name in tensors:
            rows.append(
                Layer(
                    name=name,
                    type=kind,
                    tensors=tuple(
                        _row(
                            *held,
                            others.get(_identity(held[1]), ()),
                            packed.get(f"{name}.{held[0]}"),
                        )
                        for held in tensors[name]
                    ),
                    positions=positions.get(name, 0),
                )
            )
    return LayerTable(layers=tuple(rows))


def _tensors(program: ExportedProgram) -> Iterator[tuple[str, torch.Tensor, bool]]:
    """Give each parameter and buffer: full name, value, whether it is a parameter."""
    for spec in program.graph_signature.input_specs:
        if spec.kind in (InputKind.PARAMETER, InputKind.BUFFER) and spec.target is not None:
            state = program.state_dict if spec.target in program.state_dict else program.constants
            yield spec.target, state[spec.target], spec.kind is InputKind.PARAMETER


def _identity(value: torch.Tensor) -> tuple[object, ...]:
    if not value.numel():
        return (id(value),)
    return (value.untyped_storage().data_ptr(), value.storage_offset(), value.shape, value.stride())


def _row(
    name: str,
    value: torch.Tensor,
    is_parameter: bool,
    others: Sequence[str],
    four_bits: str | None = None,
) -> Tensor:
    scale = name.endswith(("_scale", "_zero_point")) and not is_parameter
    if four_bits:
        value = unpack_int4(value)
    unknown = scale or four_bits == "uint4"  # whose zero points aren't 0
    return Tensor(
        name=name,
        shape=tuple(value.shape),
        dtype=four_bits or dtype_name(value.dtype),
        role="quantization" if scale else "parameter" if is_parameter else "buffer",
        zeros=UNKNOWN if unknown else value.numel() - int(value.count_nonzero()),
        shared_with=tuple(dict.fromkeys(others)),
    )


def _packed(program: ExportedProgram) -> dict[str, str]:
    """Name the tensors that hold two four-bit codes in a byte, with the type of the codes."""
    targets = {spec.arg.name: spec.target for spec in program.graph_signature.input_specs}
    found = filter(None, map(packed_weight, program.graph.nodes))
    return {str(targets[weight.stored.name]): weight.dtype for weight in found}


def _positions(program: ExportedProgram) -> dict[str, int]:
    """Say how often each layer's weight is applied to one sample, as `Layer.positions` means it."""
    targets = {spec.arg.name: spec.target for spec in program.graph_signature.input_specs}
    found: dict[str, int] = {}
    for node in program.graph.nodes:
        if node.target not in WEIGHTED:
            continue
        holder = operand(node, 1)
        if holder.target is quantized.dequantize_per_channel.default:
            holder = operand(holder, 0)
        elif packed := packed_weight(holder):
            holder = packed.stored
        name = targets.get(holder.name) or ""
        layer, _, tensor = name.rpartition(".")
        if tensor != "weight" or layer_of(node) != layer:
            continue  # a product that isn't a layer of its own, like those inside of attention
        applied = operand(node, 0) if node.target in TRANSPOSED else node
        shape = applied.meta["val"].shape
        batched = isinstance(shape[0], torch.SymInt)
        entries = 1
        for size in shape[1:] if batched else shape:
            entries *= int(size)
        width = int(holder.meta["val"].shape[0])
        found[layer] = found.get(layer, 0) + entries // width
    return found


def _activations(program: ExportedProgram) -> Iterator[tuple[str, bool]]:
    """Give type and symmetry of each activation that the graph quantizes."""
    for node in program.graph.nodes:
        if node.target is quantized.quantize_per_tensor.default:
            _, _, zero_point, _, _, dtype = node.args
            yield dtype_name(dtype), zero_point == 0
