"""Channel counts that the target's kernels don't like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from recipec.api import Finding, Layer, Lint, Model, OnnxModel, PlanView, TensorRTEngine, Unknown

NAMED = 4
"""How many layers a finding names."""


class _Target(NamedTuple):
    """What channels had better be a multiple of, and for what."""

    multiple: int
    what: str


def _check(plan: PlanView) -> Iterator[Finding]:
    if not any("prunes" in stage.traits for stage in plan.stages):
        return
    targets = _targets(plan)
    for stage in plan.stages:
        parent, target = plan.parent(stage), targets.get(stage.id)
        if "prunes" not in stage.traits or parent is None or target is None:
            continue
        changed = _changed(parent.model, stage.model)
        odd = {name: n for name, n in changed.items() if n % target.multiple}
        if odd:
            shown = ", ".join(f"{name} ({n})" for name, n in list(odd.items())[:NAMED])
            more = f" and {len(odd) - NAMED} more" if len(odd) > NAMED else ""
            yield Finding(
                f"{stage.id!r} leaves {len(odd)} of {len(changed)} pruned layers with channels "
                f"that aren't a multiple of {target.multiple}, for {target.what}: {shown}{more}",
                stage=stage.id,
                hint=f"let the channels that stay be a multiple of {target.multiple}",
            )


def _targets(plan: PlanView) -> Mapping[str, _Target]:
    """Say by stage what the strictest promised artifact that is made of it wants."""
    promised = plan.reaching_outputs(lambda stage: False)
    found: dict[str, _Target] = {}
    for stage in reversed(plan.stages):
        if stage.id not in promised:
            continue
        below = [found[c.id] for c in plan.children(stage.id) if c.id in found]
        own = _target(stage.id, stage.model, leaf=not below)
        wanted = [*below, *([own] if own else [])]
        if wanted:
            found[stage.id] = max(wanted, key=lambda target: target.multiple)
    return found


def _target(id: str, model: Model | None, leaf: bool) -> _Target | None:
    """Say what a model wants by itself. A float ONNX file is for CPUs where nothing follows it."""
    if model is None:
        return None
    quantization = model.quantization
    scheme = None if isinstance(quantization, Unknown) else quantization
    if isinstance(model, TensorRTEngine):
        if model.precision == "int8" or scheme is not None:
            return _Target(16, f"the int8 engine {id!r}")
        half = model.precision in ("fp16", "bf16")
        return _Target(8, f"the {model.precision} engine {id!r}") if half else None
    if scheme is not None:
        return (
            _Target(16, f"int8 on Tensor Cores ({id!r})")
            if scheme.target == "tensorrt"
            else _Target(8, f"int8 on a CPU ({id!r})")
        )
    return _Target(8, f"a CPU ({id!r})") if leaf and isinstance(model, OnnxModel) else None


def _changed(before: Model | None, after: Model | None) -> Mapping[str, int]:
    """Give the channels of all layers that a stage changed the number of."""
    if before is None or after is None:
        return {}
    if isinstance(before.layers, Unknown) or isinstance(after.layers, Unknown):
        return {}
    had = {layer.name: _channels(layer) for layer in before.layers.layers}
    has = {layer.name: _channels(layer) for layer in after.layers.layers}
    return {name: n for name, n in has.items() if n and had.get(name) not in (None, n)}


def _channels(layer: Layer) -> int | None:
    """Give the output channels of a layer that multiplies, None for any other."""
    weight = layer.weight
    if weight is None or not layer.positions or len(weight.shape) < 2:
        return None
    return weight.shape[1 if "Transpose" in layer.type else 0]


LINT = Lint(
    "channels-unaligned",
    "pruning leaves channels that aren't a multiple of the target's blocks",
    "recipec:explanations/channels-unaligned.md",
    _check,
    whole_plan=True,
)
