"""What a plan can say of gradual pruning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from recipec.api import UNKNOWN, Layer, LayerTable, OperatorError, Tensor, Unknown
from recipec.api.expressions import glob
from recipec.api.selectors import choose, select
from recipec.api.training import Length, check_early_stop, length_of
from recipec.api.training.zeros import is_held
from recipec_train.gradual import PLACE, GradualPruning
from recipec_train.params import PruningParams

MULTIPLIES: Final = ("weight", "weight_[ih]h*", "*_proj_weight")
"""Names of tensors that inputs are multiplied by: of convolutions and linear layers, of recurrent
layers, and of torch's attention."""
ZEROED: Final = "weights zeroed"


class Pruning(NamedTuple):
    """The part of a stage's plan that is about gradual pruning."""

    layers: LayerTable | Unknown
    effects: tuple[str, ...] = ()
    changed: Mapping[str, int | Unknown] = MappingProxyType({})
    matched: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Weights(NamedTuple):
    """The tensors that are pruned, by full name in the model's order; `matched` is for a plan."""

    tensors: Mapping[str, Tensor]
    matched: Mapping[str, tuple[str, ...]]

    @property
    def elements(self) -> int:
        return sum(tensor.elements for tensor in self.tensors.values())

    def wanted(self, rule: GradualPruning) -> Mapping[str, int]:
        """Give how many of each are zero in the end; of all together (under "") when global."""
        if rule.scope == "global":
            return {"": share_of(rule.final, self.elements)}
        return {name: share_of(rule.final, t.elements) for name, t in self.tensors.items()}


def share_of(share: float, elements: int) -> int:
    """Give the nearest number of elements, a half to the even one, as torch.nn.utils.prune does."""
    return round(share * elements)


def choose_weights(rule: GradualPruning, table: LayerTable) -> Weights:
    """Choose the weights to prune: those with two dimensions or more that inputs are multiplied by.

    Raises OperatorError at the selector that matches nothing, or nothing that has such weights.
    """
    chosen = choose(table, rule.include, rule.exclude, at=(PLACE,))
    found = {
        (f"{layer.name}." if layer.name else "") + tensor.name: tensor
        for layer in chosen.layers
        for tensor in _weights(layer, named=bool(rule.include))
    }
    for number, selector in enumerate(rule.include):
        layers = select(table, [selector])
        if not any(_weights(layer, named=True) for layer in layers):
            raise _not_meant(table, layers[0], number)
    if not found:
        raise OperatorError("there is no weight to prune", at=(PLACE,))
    return Weights(found, chosen.matched)


def _not_meant(table: LayerTable, layer: Layer, number: int) -> OperatorError:
    """Explain why a selector matches nothing that can be pruned."""
    at = (PLACE, "include", number)
    for owner in table.layers:
        if any(layer.name in tensor.shared_with for tensor in _weights(owner, named=True)):
            return OperatorError(
                f"{layer.name} has no weight of its own: it shares that of {owner.name}",
                at=at,
                hint=f"include {owner.name}: the zeros are in both",
            )
    return OperatorError(
        f"{layer.name} ({layer.type}) has no weight to prune",
        at=at,
        hint="select convolutions, linear or recurrent layers",
    )


def _weights(layer: Layer, named: bool) -> Sequence[Tensor]:
    if "Norm" in layer.type or ("Embedding" in layer.type and not named):
        return ()
    return [
        tensor
        for tensor in layer.tensors
        if tensor.role == "parameter"
        and len(tensor.shape) > 1
        and any(glob(pattern)(tensor.name) for pattern in MULTIPLIES)
    ]


def zeros_after(
    rule: GradualPruning, weights: Weights, *, kept: bool
) -> Mapping[str, int | Unknown]:
    """Give the zeros of each tensor in the end; `kept` says whether zeros it has already stay.

    Where it isn't known how many it has, they are taken to be fewer than are asked for, which the
    run checks first. Raises OperatorError where it is known that there are more.
    """
    wanted = weights.wanted(rule)
    if kept:
        held = {name: t.zeros for name, t in weights.tensors.items() if is_held(t)}
        known = {name: zeros for name, zeros in held.items() if not isinstance(zeros, Unknown)}
        if rule.scope == "global":
            check_held("the model", sum(known.values()), wanted[""])
        else:
            for name, zeros in known.items():
                check_held(name, zeros, wanted[name])
    return dict.fromkeys(weights.tensors, UNKNOWN) if rule.scope == "global" else wanted


def check_held(name: str, held: int, wanted: int) -> None:
    """Raise OperatorError when more zeros are kept than are asked for."""
    if held > wanted:
        raise OperatorError(
            f"{name} has {held:,} zeros already, more than the {wanted:,} that are asked for",
            at=(PLACE, "final"),
            hint="zeros that are kept count: ask for more, or exclude this layer",
        )


def newly_zero(rule: GradualPruning, weights: Weights, *, kept: bool) -> int | Unknown:
    """Give how many weights are zero in the end that aren't now.

    It is unknown where zeros aren't held (`kept` is False, or a tensor is all zeros): some of them
    may get a value again, and then others are pruned.
    """
    before = 0
    for tensor in weights.tensors.values():
        if isinstance(tensor.zeros, Unknown) or (tensor.zeros and not (kept and is_held(tensor))):
            return UNKNOWN
        before += tensor.zeros
    return sum(weights.wanted(rule).values()) - before


def plan_pruning(
    params: PruningParams,
    trained: LayerTable | Unknown,
    before: LayerTable | Unknown,
    count: int | Unknown,
) -> Pruning:
    """Plan a training over `count` samples; `trained` is the table after it without pruning.

    Raises OperatorError.
    """
    rule = params.gradual_pruning
    if rule is None:
        return Pruning(trained)
    length = None if isinstance(count, Unknown) else length_of(params, count)
    if length is not None:
        last = max(rule.prunings(length.steps))
        check_early_stop(params, length, last, f"let `{PLACE}` end before {rule.end:.0%}")
    if isinstance(trained, Unknown) or isinstance(before, Unknown):
        return Pruning(trained, tuple(_effects(rule, None, length)), {ZEROED: UNKNOWN})
    weights = choose_weights(rule, before)
    layers = trained.with_zeros(zeros_after(rule, weights, kept=params.keep_zeros))
    effects = tuple(_effects(rule, weights, length))
    return Pruning(
        layers,
        effects,
        {ZEROED: newly_zero(rule, weights, kept=params.keep_zeros)},
        weights.matched,
    )


def _effects(rule: GradualPruning, weights: Weights | None, length: Length | None) -> Iterator[str]:
    each = "of each layer" if rule.scope == "layer" else "by one threshold over all layers"
    of = "the weights" if weights is None else f"{weights.elements:,} weights"
    yield f"prunes gradually from {rule.initial:.1%} to {rule.final:.1%} of {of}, {each}"
    if length is not None:
        steps = sorted(rule.prunings(length.steps))
        yield f"{len(steps)} prunings, at step {steps[0]} to {steps[-1]} of {length.steps} (cubic)"
    yield "masks only: no speed-up on dense kernels"
