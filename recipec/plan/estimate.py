"""estimate: what each node is expected to take, and the plan as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recipec.api import UNKNOWN, Estimate
from recipec.plan.costs.bounds import exactly
from recipec.plan.costs.job import Job, Jobs
from recipec.plan.costs.modelled import REFERENCE, modelled
from recipec.plan.costs.totals import total
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning

if TYPE_CHECKING:
    from recipec.plan.costs.past import Experience

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


def estimated(job: Job, experience: Experience | None) -> Estimate:
    """Estimate a job by past runs of its operator, and by models where there are none."""
    found = modelled(job)
    if experience is None:
        return found
    from recipec.plan.costs.learnt import learnt

    return learnt(job, experience, found)


class _Estimating:
    """Estimates nodes in their order; jobs that are alike only once."""

    def __init__(self, plan: Plan, planning: Planning) -> None:
        self.planning = planning
        self.jobs = Jobs(plan, planning.machine)
        self.experiences: dict[str, Experience | None] = {}
        self.made: dict[tuple[Job, bool], Estimate] = {}

    def of(self, node: Node) -> Estimate:
        if node.action == "reference":
            return self._data(node)
        if node.action != "run":
            return FREE
        experience = self._experience(node.operator)
        job = self.jobs.of(node, known=experience is not None)
        made = self.made.get((job, bool(node.outputs)))
        if made is None:
            made = estimated(job, experience)
            if not node.outputs:
                made = made.model_copy(update={"disk": NOTHING})
            self.made[job, bool(node.outputs)] = made
        return made

    def _data(self, node: Node) -> Estimate:
        """Expect nothing but a reference; all samples are read where nothing else tells them."""
        seconds = REFERENCE if self.planning.identified(node) else UNKNOWN
        return Estimate.model_construct(seconds=seconds, disk=NOTHING)

    def _experience(self, operator: str) -> Experience | None:
        if operator not in self.experiences:
            self.experiences[operator] = self._remembered(operator)
        return self.experiences[operator]

    def _remembered(self, operator: str) -> Experience | None:
        runs = self.planning.memory.past_runs(self.planning.machine.fingerprint, operator)
        if not runs:
            return None
        from recipec.plan.costs.past import Experience

        return Experience(runs)
