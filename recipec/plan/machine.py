"""What this machine has: distributions, capabilities, and a fingerprint for timings."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from recipec.api import Capability, Requirement
from recipec.diagnostics import Diagnostic, Severity
from recipec.recipe.version_bounds import within
from recipec.registry import Catalog, installed_version, named

_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


class Machine:
    """Answers whether requirements are met; every probe is made once, when it is first needed.

    `plugins` names who offers each capability. `faults` are warnings
    of what probes did wrong, by capability: one that fails has found nothing.
    """

    def __init__(
        self, capabilities: Mapping[str, Capability], plugins: Mapping[str, str] = _NOBODY
    ) -> None:
        self._capabilities, self._plugins = capabilities, plugins
        self.faults: dict[str, list[Diagnostic]] = {}
        self._versions: dict[str, str | None] = {}
        self._missing: dict[Requirement, str | None] = {}

    def version(self, capability: str) -> str | None:
        """Give the version of a `python:` distribution or a capability, None without it."""
        if capability not in self._versions:
            self._versions[capability] = self._probe(capability)
        return self._versions[capability]

    def _probe(self, capability: str) -> str | None:
        kind, _, name = capability.partition(":")
        if kind == "python":
            return installed_version(name)
        known = self._capabilities.get(capability)
        return None if known is None else self._ask(known)

    def _ask(self, known: Capability) -> str | None:
        from recipec.plan.probing import probe  # most recipes need nothing that is probed for

        asked = probe(known, self._plugins.get(known.name, "?"))
        faults = [Diagnostic(Severity.WARNING, "process-state", told) for told in asked.told]
        if asked.problem:
            faults.insert(0, Diagnostic(Severity.WARNING, "probe-failed", asked.problem))
        if faults:
            self.faults[known.name] = faults
        return asked.version

    def missing(self, requirement: Requirement) -> str | None:
        """Say what is missing, or None when the requirement is met."""
        if requirement not in self._missing:
            self._missing[requirement] = self._compare(requirement)
        return self._missing[requirement]

    def _compare(self, requirement: Requirement) -> str | None:
        found = self.version(requirement.capability)
        if found is None:
            name = requirement.package or requirement.spec
            return f"needs {name}" + (f" ({requirement.install})" if requirement.install else "")
        if found and not within(found, requirement.bounds):
            return f"needs {requirement.spec.removeprefix('python:')}, this machine has {found}"
        return None

    @property
    def probed(self) -> Mapping[str, str | None]:
        """What was asked about so far, and the answers."""
        return dict(sorted(self._versions.items()))

    @cached_property
    def fingerprint(self) -> Mapping[str, str | int]:
        """What timings depend on."""
        return {
            "cpu": cpu_name(),
            "cores": cores(),
            "system": platform.system(),
            "machine": platform.machine(),
        }


def machine_of(catalog: Catalog) -> Machine:
    """Give this machine as the probes of a catalog's plugins see it."""
    by = catalog.capabilities_by
    return Machine(
        catalog.capabilities, {name: named(by[name], catalog.plugin(by[name])) for name in by}
    )


def cores() -> int:
    """Give the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_name() -> str:
    """Give the processor's name as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
