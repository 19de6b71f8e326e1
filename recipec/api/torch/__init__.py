"""Torch modules as artifacts: save, load, edit and describe them (heavy: torch).

Import this inside `run()`, or from a module named `_….py`.
"""

from recipec.api.torch._depthwise import DepthwiseSeparable
from recipec.api.torch._dynamic import (
    DYNAMIC_LAYERS,
    DynamicGRU,
    DynamicLinear,
    DynamicLSTM,
)
from recipec.api.torch._edits import apply_edits
from recipec.api.torch._exported import (
    export_program,
    exported_facts,
    exported_layers,
    load_exported,
    save_exported,
)
from recipec.api.torch._folding import fold_batch_norms
from recipec.api.torch._groups import CoupledChannels, coupled_channels, keep_entries
from recipec.api.torch._inputs import dtype_name, dtype_of, example_inputs
from recipec.api.torch._int4 import (
    insert_unpacking,
    pack_int4,
    packed_weight,
    unpack_int4,
    unpack_weights,
)
from recipec.api.torch._layers import layer_table, module_facts
from recipec.api.torch._low_rank import LowRankConv, LowRankLinear
from recipec.api.torch._module import (
    SavedModule,
    build_module,
    call_builder,
    load_module,
    load_weights,
    read_safetensors,
    read_structure,
    save_code,
    save_like,
    save_module,
)
from recipec.api.torch._nodes import (
    CONVOLUTIONS,
    LINEAR,
    WEIGHTED,
    attribute,
    layer_of,
    operand,
    put_parameter,
)
from recipec.api.torch._reproducible import reproducible
from recipec.api.torch._residual import residual_blocks
from recipec.api.torch._sharing import sole_layer

__all__ = [
    "CONVOLUTIONS",
    "DYNAMIC_LAYERS",
    "LINEAR",
    "WEIGHTED",
    "CoupledChannels",
    "DepthwiseSeparable",
    "DynamicGRU",
    "DynamicLSTM",
    "DynamicLinear",
    "LowRankConv",
    "LowRankLinear",
    "SavedModule",
    "apply_edits",
    "attribute",
    "build_module",
    "call_builder",
    "coupled_channels",
    "dtype_name",
    "dtype_of",
    "example_inputs",
    "export_program",
    "exported_facts",
    "exported_layers",
    "fold_batch_norms",
    "insert_unpacking",
    "keep_entries",
    "layer_of",
    "layer_table",
    "load_exported",
    "load_module",
    "load_weights",
    "module_facts",
    "operand",
    "pack_int4",
    "packed_weight",
    "put_parameter",
    "read_safetensors",
    "read_structure",
    "reproducible",
    "residual_blocks",
    "save_code",
    "save_exported",
    "save_like",
    "save_module",
    "sole_layer",
    "unpack_int4",
    "unpack_weights",
]
