"""Build the module for real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recipec.api import ImportString, RunContext, TensorSpec, TorchModule
from recipec.api.torch import (
    SavedModule,
    build_module,
    load_module,
    module_facts,
    reproducible,
    save_code,
    save_module,
)
from recipec_torch._weights import load_file_into

if TYPE_CHECKING:
    from recipec_torch.model import TorchModelParams


def build(
    params: TorchModelParams, inputs: Sequence[TensorSpec], context: RunContext
) -> TorchModule:
    """Build, load the weights, save; give the facts of what was saved. Raises OperatorError."""
    path, file = context.path_for("model"), context.source(params.builder)
    builder = params.builder
    if file is not None:  # in the artifact it stands at the top of `code/`
        builder = ImportString(f"{file.name}:{builder.name}")
    with reproducible(context.seed, context.threads):
        module = build_module(builder, params.args, None if file is None else file.parent)
        if params.weights is not None:
            load_file_into(module, context.file(params.weights))
        structure = SavedModule(builder=builder, arguments=params.args, inputs=tuple(inputs))
        save_module(path, module, structure)
        if file is not None:
            save_code(path, file)
        return module_facts(load_module(path), inputs)
