"""estimate: what each node is expected to take, and the plan as a whole."""

from __future__ import annotations

from recipec.api import UNKNOWN, Estimate
from recipec.plan.costs.disk import expected_disk
from recipec.plan.costs.job import Job, Jobs
from recipec.plan.costs.memory import expected_memory
from recipec.plan.costs.past import Experience
from recipec.plan.costs.seconds import REFERENCE, expected_seconds
from recipec.plan.costs.spread import exactly
from recipec.plan.costs.totals import total
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning

NOTHING = exactly(0.0)
FREE = Estimate.model_construct(seconds=NOTHING, peak_memory=NOTHING, disk=NOTHING)
"""What is reused is there, and what is blocked doesn't run."""


def estimate(plan: Plan, planning: Planning) -> Plan:
    """Expect seconds, peak memory and disk of every node, learning from what ran on this machine.

    What frameworks cost to import is expected of the first node that needs them.
    """
    estimating = _Estimating(plan, planning)
    nodes = tuple(node.model_copy(update={"estimate": estimating.of(node)}) for node in plan.nodes)
    return plan.with_nodes(nodes).model_copy(update={"estimate": total(nodes).estimate})


class _Estimating:
    def __init__(self, plan: Plan, planning: Planning) -> None:
        self.planning = planning
        self.jobs = Jobs(plan, planning.machine)
        self.experiences: dict[str, Experience | None] = {}
        self.made: dict[tuple[Job, bool], Estimate] = {}
        self.fingerprint = planning.machine.fingerprint

    def of(self, node: Node) -> Estimate:
        if node.action == "reference":
            return self._data(node)
        if node.action != "run":
            return FREE
        experience = self._experience(node.operator)
        job = self.jobs.of(node, known=experience is not None)
        made = self.made.get((job, bool(node.outputs)))
        if made is None:
            made = self.made[job, bool(node.outputs)] = Estimate.model_construct(
                seconds=expected_seconds(job, experience),
                peak_memory=expected_memory(job, experience),
                disk=expected_disk(job, experience) if node.outputs else NOTHING,
            )
        return made

    def _data(self, node: Node) -> Estimate:
        """Expect nothing but a reference; all samples are read where nothing else tells them."""
        seconds = REFERENCE if self.planning.identified(node) else UNKNOWN
        return Estimate.model_construct(seconds=seconds, disk=NOTHING)

    def _experience(self, operator: str) -> Experience | None:
        if operator not in self.experiences:
            runs = self.planning.memory.past_runs(self.fingerprint, operator)
            self.experiences[operator] = Experience(runs) if runs else None
        return self.experiences[operator]
