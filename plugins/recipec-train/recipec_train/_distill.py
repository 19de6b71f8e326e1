"""Run `train.distill`: load both models, train the student, save it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recipec.api import Artifact, RunContext, StageResult
from recipec.api.data import open_samples
from recipec.api.torch import (
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_like,
)
from recipec.api.training import Pool, Reader, Teacher, count_logits, train, training_identity
from recipec_train._distillation import Distillation
from recipec_train._gradual import gradual_pruning
from recipec_train.distill_params import DistillParams
from recipec_train.teachers import check_classes, teacher_order


def distill(
    params: DistillParams, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Train the student `inputs["model"]` by `inputs["teacher"]`. Raises OperatorError."""
    source = inputs["model"]
    with reproducible(context.seed, context.threads):  # loaders may draw, too
        student, teacher = load_module(source.path), load_module(inputs["teacher"].path)
        structure, other = read_structure(source.path), read_structure(inputs["teacher"].path)
        classes = count_logits(student, structure.inputs)
        check_classes(classes, count_logits(teacher, other.inputs))
        readers = {
            place: Reader(
                open_samples(inputs[place]),
                structure.inputs,
                classes,
                labelled=place != "transfer" and inputs[place].facts.classes is not None,
            )
            for place in ("data", "transfer", "validation")
            if place in inputs
        }
        pruning = gradual_pruning(params, student, structure.inputs, source.facts.layers)
        outcome = train(
            student,
            Pool([readers[place] for place in ("data", "transfer") if place in readers]),
            params,
            context,
            loss=Distillation(
                Teacher(teacher, teacher_order(structure.inputs, other.inputs)),
                temperature=params.temperature,
                alpha=params.alpha,
                label_smoothing=params.label_smoothing,
            ),
            identity=training_identity(params, inputs, context),
            validation=readers.get("validation"),
            hooks=pruning,
        )
        save_like(context.path_for("model"), source.path, student)
        facts = module_facts(student, structure.inputs, groups=source.facts.layers)
    changed = pruning.changed() if pruning else {}
    return StageResult({"model": facts}, outcome.metrics(), outcome.notes, changed)
