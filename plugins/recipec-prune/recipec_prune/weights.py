"""Which weight tensors of a model are pruned: chosen from the layer table, by selectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from recipec.api import Layer, LayerTable, OperatorError, Tensor
from recipec.api.expressions import glob
from recipec.api.selectors import choose, select

MULTIPLIES: Final = ("weight", "weight_[ih]h*", "*_proj_weight")
"""Names of tensors that inputs are multiplied by: of convolutions and linear layers, of recurrent
layers (`weight_ih_l0`, `weight_hh_l0_reverse`), and of torch's attention (`in_proj_weight`)."""

FLOATS: Final = ("float32", "float64", "float16", "bfloat16")
NAMED: Final = 4
"""How many layers a sentence names."""

Rule = Callable[[Layer, Tensor], str | None]
"""Says why an operator leaves a weight tensor whole, or None when it prunes it."""


class Weight(NamedTuple):
    """A weight tensor and the layer that owns it."""

    layer: Layer
    tensor: Tensor

    @property
    def name(self) -> str:
        """Its full name in the module, `layer1.0.conv1.weight`."""
        return f"{self.layer.name}.{self.tensor.name}" if self.layer.name else self.tensor.name


class Chosen(NamedTuple):
    """The weights to prune in the table's order, and those that are left whole, by the reason.

    `matched` names the layers that the selectors matched, for a `StagePlan`.
    """

    weights: tuple[Weight, ...]
    whole: Mapping[str, tuple[str, ...]]
    matched: Mapping[str, tuple[str, ...]]

    @property
    def elements(self) -> int:
        return sum(weight.tensor.elements for weight in self.weights)

    def sentences(self) -> Iterator[str]:
        """Say which layers stay whole and why, and which weights other layers share."""
        for reason, names in self.whole.items():
            yield f"left whole: {some(names)} ({reason})"

    def warnings(self) -> Iterator[str]:
        """Say where what becomes zero is zero in another layer too."""
        for weight in self.weights:
            if weight.tensor.shared_with:
                also = some(weight.tensor.shared_with)
                yield f"{weight.name} is shared with {also}: its zeros are there too"


def choose_weights(
    table: LayerTable,
    include: Sequence[str],
    exclude: Sequence[str],
    tensors: Sequence[str] = (),
    rule: Rule = lambda layer, tensor: None,
) -> Chosen:
    """Choose the weights that selectors of layers and globs of tensor names agree on.

    Without `tensors` they are those of `MULTIPLIES` with two dimensions or more. Raises
    OperatorError at ("include", i) for a selector that matches no layer, or none that the operator
    can prune, at ("tensors", i) for a glob that names no tensor, and when nothing is left.
    """
    selection = choose(table, include, exclude)
    _check_tensors(selection.layers, tensors)
    excluded = {layer.name for layer in selection.excluded}
    chosen: list[Weight] = []
    whole: dict[str, list[str]] = {}
    for layer in selection.layers:
        for tensor in _weights(layer, tensors):
            if (reason := rule(layer, tensor)) is None:
                chosen.append(Weight(layer, tensor))
            else:
                whole.setdefault(reason, []).append(layer.name)
    pruned = {weight.layer.name for weight in chosen}
    for number, selector in enumerate(include):
        layers = select(table, [selector])
        if not any(layer.name in pruned or layer.name in excluded for layer in layers):
            raise _not_meant(table, layers, number, tensors, rule)
    if not chosen:
        reasons = "; ".join(f"{some(names)}: {reason}" for reason, names in whole.items())
        raise OperatorError(
            f"there is no weight to prune: {reasons or 'no layer has weights that multiply'}"
        )
    return Chosen(
        tuple(chosen),
        {reason: tuple(dict.fromkeys(names)) for reason, names in whole.items()},
        selection.matched,
    )


def some(names: Sequence[str], most: int = NAMED) -> str:
    """Name the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _weights(layer: Layer, tensors: Sequence[str]) -> Iterator[Tensor]:
    for tensor in layer.tensors:
        if tensor.role == "parameter" and tensor.dtype in FLOATS:
            if tensors:
                if any(glob(name)(tensor.name) for name in tensors):
                    yield tensor
            elif (
                len(tensor.shape) > 1
                and "Norm" not in layer.type
                and any(glob(name)(tensor.name) for name in MULTIPLIES)
            ):
                yield tensor


def _check_tensors(layers: Sequence[Layer], tensors: Sequence[str]) -> None:
    names = sorted({tensor.name for layer in layers for tensor in layer.tensors})
    for number, pattern in enumerate(tensors):
        if not any(map(glob(pattern), names)):
            raise OperatorError(
                f"{pattern!r} names no tensor of the chosen layers",
                at=("tensors", number),
                hint=f"they have {some(names)}" if names else None,
            )


def _not_meant(
    table: LayerTable, layers: Sequence[Layer], number: int, tensors: Sequence[str], rule: Rule
) -> OperatorError:
    """Explain why a selector matches nothing that can be pruned."""
    for layer in layers:
        for tensor in _weights(layer, tensors):
            reason = rule(layer, tensor)
            return OperatorError(
                f"{layer.name} ({layer.type}) can't be pruned here: {reason}",
                at=("include", number),
            )
    names = {layer.name for layer in layers}
    for owner in table.layers:
        for tensor in owner.tensors:
            if tensor.name == "weight" and names & set(tensor.shared_with):
                return OperatorError(
                    f"{layers[0].name} has no weight of its own: it shares that of {owner.name}",
                    at=("include", number),
                    hint=f"include {owner.name}: the zeros are in both",
                )
    first = layers[0]
    return OperatorError(
        f"{first.name} ({first.type}) has no weight to prune",
        at=("include", number),
        hint="select convolutions, linear or recurrent layers",
    )


def no_embedding(include: Sequence[str]) -> Rule:
    """Give the rule that embeddings are pruned only where `include` selects them."""

    def rule(layer: Layer, tensor: Tensor) -> str | None:
        if include or "Embedding" not in layer.type:
            return None
        return "an embedding, which is pruned only where `include` selects it"

    return rule
