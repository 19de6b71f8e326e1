"""The plan level: pure passes Plan → Plan, and what dry-run prints."""

from recipec.plan.machine import Machine, machine_of
from recipec.plan.model import Edge, Node, Plan
from recipec.plan.pipeline import PASSES, make_plan
from recipec.plan.planning import Forgetful, Memory, Planning

__all__ = [
    "PASSES",
    "Edge",
    "Forgetful",
    "Machine",
    "Memory",
    "Node",
    "Plan",
    "Planning",
    "machine_of",
    "make_plan",
]
