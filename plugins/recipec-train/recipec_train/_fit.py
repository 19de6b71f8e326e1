"""Run `train.fit`: load, train, save."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recipec.api import Artifact, RunContext, StageResult
from recipec.api.torch import (
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec.api.training import (
    count_logits,
    open_readers,
    supervised,
    train,
    training_identity,
)
from recipec_train._gradual import gradual_pruning
from recipec_train.params import FitParams


def fit(params: FitParams, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
    """Train the artifact `inputs["model"]` on `inputs["data"]`. Raises OperatorError."""
    source = inputs["model"]
    with reproducible(context.seed, context.threads):  # loaders may draw, too
        structure = read_structure(source.path)
        module = load_module(source.path)
        readers = open_readers(inputs, structure.inputs, count_logits(module, structure.inputs))
        pruning = gradual_pruning(params, module, structure.inputs, source.facts.layers)
        outcome = train(
            module,
            readers["data"],
            params,
            context,
            loss=supervised(params.loss),
            identity=training_identity(params, inputs, context),
            validation=readers.get("validation"),
            hooks=pruning,
        )
        save_like(context.path_for("model"), source.path, module)
        facts = module_facts(module, structure.inputs, groups=source.facts.layers)
    changed = pruning.changed() if pruning else {}
    return StageResult({"model": facts}, outcome.metrics(), outcome.notes, changed)
