"""select: with `--until STAGE`, keep that stage and what it needs."""

from __future__ import annotations

from recipec.diagnostics import UsageError, error
from recipec.plan.model import Plan
from recipec.plan.planning import Planning
from recipec.recipe import suggestion


def select(plan: Plan, planning: Planning) -> Plan:
    """Drop the nodes that the wanted stage doesn't need. Raises UsageError on unknown stages."""
    stages = [node.id for node in plan.stages]
    named = [("--force", id) for id in sorted(planning.force)]
    if planning.until is not None:
        named.append(("--until", planning.until))
    for option, id in named:
        if id not in stages:
            hint = suggestion(id, stages, "stages")
            raise UsageError(
                error("unknown-stage", f"{option}: there is no stage {id!r}", hint=hint)
            )
    if planning.until is None:
        return plan
    kept: set[str] = set()
    waiting = [planning.until]
    while waiting:
        node = plan.node(waiting.pop())
        if node.id not in kept:
            kept.add(node.id)
            waiting += [edge.node for edge in node.inputs.values()]
    measured = []
    for node in plan.measurements:
        inputs = {
            port: edge for port, edge in node.inputs.items() if edge.node in kept or edge.is_data
        }
        # One about its subject also needs what it compares that with; a joint one takes what is
        # there.
        whole = len(inputs) == len(node.inputs) or "subject" not in node.inputs
        if whole and any(not edge.is_data for edge in inputs.values()):
            measured.append(node.model_copy(update={"inputs": inputs}))
            kept |= {edge.node for edge in inputs.values()}
    # The kept stages run in the recipe's order, each measurement behind them.
    nodes = [n for n in plan.nodes if n.id in kept and n.role != "measure"] + measured
    baseline = plan.baseline if plan.baseline in kept else None
    return plan.model_copy(
        update={
            "nodes": tuple(nodes),
            "outputs": (planning.until,),
            "baseline": baseline,
            "gates": tuple(
                gate
                for gate in plan.gates
                if gate.stage in kept and (gate.against is None or gate.against in kept)
            ),
        }
    )
