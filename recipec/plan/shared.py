"""What the plans of several variants have in common: equal work is done once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def distinct_nodes(plans: Iterable[Plan]) -> tuple[Node, ...]:
    """Give the nodes of several plans, of equal ones only the first."""
    nodes: dict[str, Node] = {}
    for plan in plans:
        for id, identity in identities(plan).items():
            nodes.setdefault(identity, plan.node(id))
    return tuple(nodes.values())
