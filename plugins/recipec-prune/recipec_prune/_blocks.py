"""Remove residual blocks for real."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import nn

from recipec.api import (
    Artifact,
    LayerTable,
    Metric,
    OperatorError,
    RemoveLayer,
    RunContext,
    StageResult,
    TensorSpec,
    Unknown,
)
from recipec.api.blocks import without_blocks
from recipec.api.torch import (
    apply_edits,
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    residual_blocks,
    save_like,
)
from recipec_prune._influence import influences
from recipec_prune.candidates import Candidates

if TYPE_CHECKING:
    from recipec_prune.blocks import Blocks


def prune(
    operator: Blocks, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Prune the module `inputs["model"]`; metrics and notes tell what each block changed.

    Raises OperatorError, also when a block isn't in the module, or what it gives isn't finite.
    """
    model = inputs["model"]
    path, specs = context.path_for("model"), read_structure(model.path).inputs
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = _table(module, specs, model.facts.layers)
        _check(module, table)
        found = operator.candidates(table)
        changes = {} if found.settled else _changes(operator, module, specs, found, inputs, context)
        ranked = sorted(changes or found.names, key=lambda name: changes.get(name, 0.0))
        leaving = [name for name in found.names if name in set(ranked[: found.leave])]
        edits = tuple(RemoveLayer(layer=name) for name in leaving)
        save_like(path, model.path, apply_edits(module, edits), edits)
        facts = module_facts(load_module(path), specs, without_blocks(table, leaving))
    count = len(found.blocks)
    metrics = [
        Metric(name="blocks.before", value=count, unit="1"),
        Metric(name="blocks.after", value=count - len(leaving), unit="1"),
        *(Metric(name=f"blocks.change.{n}", value=changes[n], unit="1") for n in changes),
    ]
    notes = [
        f"{name} changes its input by {changes[name]:.3f} ({operator.with_.measure}): "
        + ("leaves" if name in leaving else "stays")
        for name in ranked
        if name in changes
    ]
    return StageResult(
        {"model": facts}, tuple(metrics), tuple(notes), {operator.removes: len(leaving)}
    )


def _table(
    module: nn.Module, specs: tuple[TensorSpec, ...], known: LayerTable | Unknown
) -> LayerTable:
    """Give the table that was planned with, or the module's own where none was.

    Raises OperatorError when blocks can't be looked for.
    """
    if not isinstance(known, Unknown) and not isinstance(known.blocks, Unknown):
        return known
    table = layer_table(module, specs)
    if isinstance(table.blocks, Unknown):
        residual_blocks(module, specs)  # raises what kept `layer_table` from finding them
    return table


def _check(module: nn.Module, table: LayerTable) -> None:
    """Raise OperatorError unless a module has the tensors of the table that was planned with."""
    state = {*dict(module.named_parameters()), *dict(module.named_buffers())}
    for row in table.layers:
        for tensor in row.tensors:
            name = f"{row.name}.{tensor.name}" if row.name else tensor.name
            if name not in state:
                raise OperatorError(f"the module has no {name}: it isn't what was planned with")


def _changes(
    operator: Blocks,
    module: nn.Module,
    specs: tuple[TensorSpec, ...],
    found: Candidates,
    inputs: Mapping[str, Artifact[Any]],
    context: RunContext,
) -> dict[str, float]:
    params = operator.with_
    return influences(
        module,
        found.names,
        inputs["data"],
        specs,
        samples=params.samples,
        batch_size=params.batch_size,
        measure=params.measure,
        seed=context.seed,
    )
