"""What there is to do for a node, as far as its cost depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from recipec.api import Facts, Model, Requirement, Scores, Unknown
from recipec.api.digests import digest_json
from recipec.plan.machine import Machine
from recipec.plan.model import Node, Plan

Device = tuple[tuple[str, str], ...]
"""Capabilities and their versions on this machine."""
Where = tuple[int, Device, tuple[str, ...]]


class Job(NamedTuple):
    """A node that is to run.

    `device` has the capabilities besides Python packages that it needs, with their versions here.
    `loads` are the packages that it is the first in its process to need: it pays for their import.
    `loaded` says whether the process holds any then. `takes` are the kinds of its models.
    `read` are the bytes of the models it takes and `written` those of the outputs it makes, both
    by their planned facts; None where facts are unknown. `samples` says whether it may go through
    samples; a model's source takes but their shapes.
    """

    operator: str
    version: int
    alike: str
    threads: int
    device: Device
    loads: tuple[str, ...]
    packages: bool
    loaded: bool
    samples: bool
    makes_model: bool
    takes: tuple[str, ...]
    work: int | None
    read: int | None
    written: int | None

    @property
    def where(self) -> Where:
        """What runs must have in common to be compared: threads, device, kinds of models."""
        return self.threads, self.device, self.takes


class Jobs:
    """Gives the jobs of nodes in the order in which they run in one process.

    `loaded` names the packages that the process has imported already.
    """

    def __init__(self, plan: Plan, machine: Machine, loaded: Iterable[str] = ()) -> None:
        self.plan, self.machine, self.loaded = plan, machine, set(loaded)
        self._needs: dict[tuple[str, ...], tuple[tuple[str, ...], Device]] = {}

    def of(self, node: Node, *, known: bool = True) -> Job:
        """Give the next node's job. `known` says whether past runs are there to compare it with."""
        packages, device = self._requirements(node.requires)
        alone = node.isolation is not None  # its own process has imported nothing
        loads = tuple(name for name in packages if alone or name not in self.loaded)
        if not alone:
            self.loaded.update(loads)
        nodes = self.plan.by_id
        taken = [
            nodes[edge.node].outputs[edge.port]
            for port, edge in node.inputs.items()
            if not edge.is_data and port not in node.unmeasured
        ]
        return Job(
            node.operator,
            node.version,
            alike(node) if known else "",
            self.plan.threads,
            device,
            loads,
            bool(packages),
            bool(loads if alone else self.loaded),
            node.role != "model" and any(edge.is_data for edge in node.inputs.values()),
            node.model is not None,
            tuple(sorted({facts.kind for facts in taken})),
            node.work,
            _total(taken),
            _total(node.outputs.values()),
        )

    def _requirements(self, specs: tuple[str, ...]) -> tuple[tuple[str, ...], Device]:
        found = self._needs.get(specs)
        if found is None:
            needed = [Requirement(spec) for spec in specs]
            found = self._needs[specs] = (
                tuple(r.package for r in needed if r.package),
                tuple(
                    sorted(
                        (r.capability, self.machine.version(r.capability) or "")
                        for r in needed
                        if not r.package
                    )
                ),
            )
        return found


def alike(node: Node) -> str:
    """Give the digest of all that the cost of a node's work depends on but how much work it is:
    version, parameters (files by their bytes), packages. The seed is none of it.

    Raises TypeError when the key pass hasn't seen the node.
    """
    if isinstance(node.ingredients, Unknown):
        raise TypeError(f"the key pass has not seen {node.id}")
    parts = [node.version, node.ingredients["params"], node.ingredients["packages"]]
    return digest_json(parts)[:16]


def _total(artifacts: Iterable[Facts]) -> int | None:
    """Add up the bytes of artifacts by their facts, None when one isn't known."""
    total = 0
    for facts in artifacts:
        size = planned_bytes(facts)
        if size is None:
            return None
        total += size
    return total


def planned_bytes(facts: Facts) -> int | None:
    """Give the bytes that facts promise: of all tensors of a model, of a number for each sample."""
    if isinstance(facts, Model) and not isinstance(facts.layers, Unknown):
        return facts.layers.bytes
    if isinstance(facts, Scores) and not isinstance(facts.count, Unknown):
        return 2 * facts.count
    return None
