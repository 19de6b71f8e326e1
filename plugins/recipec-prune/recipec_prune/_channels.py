"""Remove channels for real."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from recipec.api import (
    Artifact,
    LayerTable,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec.api.torch import (
    CoupledChannels,
    apply_edits,
    coupled_channels,
    keep_entries,
    layer_table,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec_prune._importance import magnitudes

if TYPE_CHECKING:
    from recipec_prune.channels import Channels


def prune(operator: Channels, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Prune the module at `model.path`; give the facts of what was saved, and channel counts.

    Raises OperatorError when no channel can leave, or a weight isn't finite.
    """
    path, inputs = context.path_for("model"), read_structure(model.path).inputs
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = model.facts.layers
        if isinstance(table, Unknown) or isinstance(table.groups, Unknown):
            table = layer_table(module, inputs)
        counts = operator.decide(table)
        coupled = coupled_channels(module, inputs)
        _check(table, coupled)
        p = {"l1": 1, "l2": 2}[operator.with_.importance]
        leaving = []
        for number, staying in counts.staying.items():
            scores = magnitudes(module, coupled[number], p)
            order = torch.argsort(scores, stable=True).tolist()
            leaving.append((coupled[number], order[: len(order) - staying]))
        edits = keep_entries(module, leaving)
        save_like(path, model.path, apply_edits(module, edits), edits)
        facts = module_facts(load_module(path), inputs, table.resized(counts.staying))
    return StageResult(
        {"model": facts},
        metrics=(
            Metric(name="channels.before", value=counts.before, unit="1"),
            Metric(name="channels.after", value=counts.after, unit="1", better="lower"),
        ),
        notes=() if counts.staying else ("no channel left",),
        changed=operator.changed(counts),
    )


def _check(table: LayerTable, coupled: Sequence[CoupledChannels]) -> None:
    """Raise OperatorError unless a module's groups are those of the table that was planned with."""
    found = [(len(group.channels), group.protected is None) for group in coupled]
    groups = () if isinstance(table.groups, Unknown) else table.groups
    if found != [(g.channels, g.protected is None) for g in groups][: len(found)]:
        raise OperatorError("the module's coupled channels are not those that were planned with")
