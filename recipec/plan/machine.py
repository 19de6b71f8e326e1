"""What this machine has: distributions, capabilities, and a fingerprint for timings."""

from __future__ import annotations

import operator
import os
import platform
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from recipec.api import Capability, Requirement
from recipec.registry import installed_version


class Machine:
    """Answers whether requirements are met; every probe is made once, when it is first needed."""

    def __init__(self, capabilities: Mapping[str, Capability]) -> None:
        self._capabilities = capabilities
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
        return None if known is None else known.probe()

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


_COMPARE: Mapping[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def within(version: str, bounds: str) -> bool:
    """Say whether a version is within bounds such as `>=2.9,<3` (PEP 440 order, pre-releases too).

    `packaging.specifiers` would do it, but importing it takes as long as finding all plugins.
    Raises ValueError on anything else.
    """
    for bound in filter(None, map(str.strip, bounds.split(","))):
        sign = next((s for s in _COMPARE if bound.startswith(s)), None)
        if sign is None:
            raise ValueError(f"{bound!r} is not a version bound (one of {' '.join(_COMPARE)})")
        if not _COMPARE[sign](Version(version), Version(bound[len(sign) :].strip())):
            return False
    return True


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
