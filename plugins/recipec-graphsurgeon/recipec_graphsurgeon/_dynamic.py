"""The heavy half of `graphsurgeon.dynamic`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recipec.api import Artifact, RunContext, StageResult, TensorSpec
from recipec.api.onnx import Session, compare, judge, onnx_facts, sample_inputs
from recipec_graphsurgeon._finish import TOLERANCE
from recipec_graphsurgeon._graph import close_graph, open_graph
from recipec_graphsurgeon._shapes import check_inferred, take_batch_from_inputs
from recipec_graphsurgeon._sizes import other_sizes, pairs
from recipec_graphsurgeon.dynamic import changes, only_batches

if TYPE_CHECKING:
    from recipec_graphsurgeon.dynamic import Dynamic


def dynamic(
    operator: Dynamic, inputs: Mapping[str, Artifact[Any]], context: RunContext
) -> StageResult:
    """Write the model with its new shapes, and run it at old and new sizes.

    Raises OperatorError where an output doesn't have the shape that it's said to have, where the
    graph doesn't run at another size, and where samples give something else than before.
    """
    context.progress(0, 2, "reshaping")
    before, after = inputs["model"].path, context.path_for("model")
    opened, facts = open_graph(before), onnx_facts(before)
    assert isinstance(facts.inputs, tuple)
    assert isinstance(facts.outputs, tuple)
    new_inputs, new_outputs = operator.reshaped(facts.inputs, facts.outputs)
    tensors = (*opened.graph.inputs, *opened.graph.outputs)
    for tensor, spec in zip(tensors, (*new_inputs, *new_outputs), strict=True):
        tensor.shape = [None if dim == "?" else dim for dim in spec.shape]
    batch = _freed_batch(facts.inputs, new_inputs)
    rewritten = 0 if batch is None else take_batch_from_inputs(opened, batch)
    close_graph(opened, after, shapes_changed=True)
    check_inferred(after, new_outputs)

    check = operator.with_.check
    context.progress(1, 2, f"comparing {check.samples} samples with before")
    # Samples are of sizes that both take: the fixed ones, be they those of before or of now.
    known = list(changes(facts.inputs, new_inputs))
    sizes = {was: now for _, _, was, now in known if isinstance(was, str) and isinstance(now, int)}
    freed = any(isinstance(was, int) for _, _, was, _ in known)
    source, data = before if freed else after, inputs.get("check.data")
    samples = list(
        sample_inputs(source, data, check.samples, context.seed, sizes={**check.sizes, **sizes})
    )
    early, late = (Session(p, context.threads, optimized=False) for p in (before, after))
    if not only_batches(facts.inputs, new_inputs) or not _lead(new_inputs, new_outputs):
        batch = None
    found = compare(pairs(early, late, samples, batch))
    note = judge(found, check.tolerance or TOLERANCE, reference="those before")
    notes = [note, *other_sizes(late, facts.inputs, new_inputs, samples[0], batch)]
    context.progress(2, 2, f"compared {found.samples} samples with before")
    changed = sum(1 for _ in changes((*facts.inputs, *facts.outputs), (*new_inputs, *new_outputs)))
    counts = {"dimensions changed": changed, "reshapes rewritten": rewritten}
    return StageResult({"model": onnx_facts(after)}, found.metrics(), tuple(notes), counts)


def _freed_batch(before: Sequence[TensorSpec], after: Sequence[TensorSpec]) -> int | None:
    """Give the fixed batch that becomes free."""
    for old, new in zip(before, after, strict=True):
        if old.shape and isinstance(old.shape[0], int) and isinstance(new.shape[0], str):
            return old.shape[0]
    return None


def _lead(inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> bool:
    """Say whether every output begins with the batch of the inputs."""
    first = {spec.shape[0] if spec.shape else 1 for spec in (*inputs, *outputs)}
    return len(first) == 1
