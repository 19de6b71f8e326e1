"""What the plans of several variants have in common: equal work is done once."""

from __future__ import annotations

from collections.abc import Mapping

from recipec.api import Unknown
from recipec.api.digests import digest_json
from recipec.plan.model import Node, Plan


def identities(plan: Plan) -> Mapping[str, str]:
    """Give each node of a finished plan what it shares with equal nodes of other plans.

    Keys need the digests of inputs, which aren't known before what makes them has run. Two nodes
    are equal here when all that goes into their keys is, and their inputs come from equal nodes.
    """
    found: dict[str, str] = {}
    for node in plan.nodes:
        inputs = {port: [found[e.node], e.port] for port, e in node.inputs.items()}
        if isinstance(node.ingredients, Unknown):
            raise TypeError(f"the key pass has not seen {node.id}")
        found[node.id] = digest_json({**node.ingredients, "inputs": inputs})
    return found


class SharedWork:
    """Collects the nodes of several plans, of equal ones only the first.

    Of each it keeps what happens to it and what it is expected to take, but neither facts nor
    parameters: plans of a thousand variants needn't be in memory together.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self.stages = 0
        """How many stages the plans have, equal ones counted in each."""

    def add(self, plan: Plan) -> None:
        """Take a finished plan into account."""
        self.stages += len(plan.stages)
        for id, identity in identities(plan).items():
            if identity not in self._nodes:
                kept = {"id": identity, "outputs": {}, "params": {}, "ingredients": {}}
                self._nodes[identity] = plan.node(id).model_copy(update=kept)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The distinct nodes, with their identities for ids."""
        return tuple(self._nodes.values())

    def count(self, *actions: str) -> int:
        """Count the distinct stages to which one of these things happens; all without any."""
        stages = (node for node in self._nodes.values() if node.role in ("model", "stage"))
        return sum(not actions or node.action in actions for node in stages)
