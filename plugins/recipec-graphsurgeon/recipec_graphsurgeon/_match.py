"""Find matches of a pattern in a graph.

onnx-graphsurgeon's own `GraphPattern` knows neither operands in either order nor numbers, nor an
input that isn't read by the first node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from math import isclose
from typing import Any, Final

import numpy as np
import onnx_graphsurgeon as gs

from recipec_graphsurgeon._graph import operator_name
from recipec_graphsurgeon.pattern import Attribute, Step

_COMMUTATIVE: Final = {"Add", "And", "Equal", "Max", "Mean", "Min", "Mul", "Or", "Sum", "Xor"}
_MOST_PERMUTED: Final = 4
"""Operands of one node that are tried in every order."""
_CLOSE: Final = 1e-6


class Match:
    """Where a pattern was found: tensors by the pattern's names, nodes by the places of lines."""

    def __init__(self) -> None:
        self.tensors: dict[str, gs.Tensor] = {}
        self.nodes: dict[int, gs.Node] = {}

    def copy(self) -> Match:
        """Give a copy to try further with."""
        other = Match()
        other.tensors, other.nodes = dict(self.tensors), dict(self.nodes)
        return other


def matches(graph: gs.Graph, steps: Sequence[Step]) -> Iterator[Match]:
    """Give the matches of a pattern, one for each node that can make its output.

    Values inside a match are read by nodes of the match alone, and are no outputs of the graph.
    """
    by_made = {step.made: place for place, step in enumerate(steps)}
    outputs = {tensor.name for tensor in graph.outputs}
    for node in list(graph.nodes):
        for found in _at(node, len(steps) - 1, steps, by_made, Match()):
            if _closed(found, steps, outputs):
                yield found
                break


def _at(
    node: gs.Node, place: int, steps: Sequence[Step], by_made: Mapping[str, int], so_far: Match
) -> Iterator[Match]:
    """Give the ways in which a node can be the pattern's line at `place`."""
    step = steps[place]
    if operator_name(node) != step.type or len(node.inputs) != len(step.arguments):
        return
    if any(not _equal(node.attrs.get(name), value) for name, value in step.attributes.items()):
        return
    orders: Iterator[Sequence[gs.Tensor]] = iter([list(node.inputs)])
    if step.type in _COMMUTATIVE and len(node.inputs) <= _MOST_PERMUTED:
        orders = permutations(node.inputs)
    for order in orders:
        start = so_far.copy()
        start.nodes[place] = node
        yield from _bound(order, step.arguments, steps, by_made, start)


def _bound(
    tensors: Sequence[gs.Tensor],
    arguments: Sequence[str | float],
    steps: Sequence[Step],
    by_made: Mapping[str, int],
    so_far: Match,
) -> Iterator[Match]:
    if not arguments:
        yield so_far
        return
    tensor, argument, rest = tensors[0], arguments[0], arguments[1:]
    if isinstance(argument, float):
        if _number(tensor) is not None and isclose(_number(tensor) or 0, argument, rel_tol=_CLOSE):
            yield from _bound(tensors[1:], rest, steps, by_made, so_far)
        return
    if argument in so_far.tensors:
        if so_far.tensors[argument] is tensor:
            yield from _bound(tensors[1:], rest, steps, by_made, so_far)
        return
    here = so_far.copy()
    here.tensors[argument] = tensor
    if argument not in by_made:
        if not tensor.is_empty():
            yield from _bound(tensors[1:], rest, steps, by_made, here)
        return
    producer = tensor.inputs[0] if len(tensor.inputs) == 1 else None
    if producer is None or producer.outputs[0] is not tensor:
        return
    for further in _at(producer, by_made[argument], steps, by_made, here):
        yield from _bound(tensors[1:], rest, steps, by_made, further)


def _closed(found: Match, steps: Sequence[Step], outputs: set[str]) -> bool:
    """Say whether nothing outside reads what is inside, and no node has two outputs in use."""
    if len({id(node) for node in found.nodes.values()}) < len(steps):
        return False
    inside = {id(node) for node in found.nodes.values()}
    for place, node in found.nodes.items():
        if any(t.outputs or t.name in outputs for t in node.outputs[1:]):
            return False
        made = node.outputs[0]
        if place == len(steps) - 1:
            continue
        if made.name in outputs or any(id(reader) not in inside for reader in made.outputs):
            return False
    return True


def _number(tensor: gs.Tensor) -> float | None:
    """Give the value of a stored single number."""
    values: Any = None
    if isinstance(tensor, gs.Constant):
        values = tensor.values
    elif len(tensor.inputs) == 1 and tensor.inputs[0].op == "Constant":
        stored = tensor.inputs[0].attrs.get("value")
        values = stored.values if isinstance(stored, gs.Constant) else None
    return float(values.reshape(())) if values is not None and np.size(values) == 1 else None


def _equal(found: Any, wanted: Attribute) -> bool:
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(map(_equal, found, wanted))
        )
    if isinstance(wanted, str):
        return bool(found == wanted)
    return isinstance(found, int | float) and isclose(found, wanted, rel_tol=_CLOSE)
