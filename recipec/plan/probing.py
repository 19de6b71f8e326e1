"""Ask a probe what this machine has, within walls: it may raise, hang, or answer anything."""

from __future__ import annotations

from typing import NamedTuple

from recipec.api import Capability
from recipec.walls import walled
from recipec.walls.limited import Late, limited


class Probed(NamedTuple):
    """A version ("" where there is none to tell), or None; and what went wrong, in sentences."""

    version: str | None
    problem: str | None = None
    told: tuple[str, ...] = ()


def probe(capability: Capability, plugin: str) -> Probed:
    """Call a probe; one that fails says nothing of the machine, so that what it is for isn't there.

    `plugin` names who offers it.
    """
    who = f"the probe of {capability.name!r} of plugin {plugin}"
    problem = version = None
    with walled() as within:
        try:
            version = limited(capability.probe, caller=capability, what=who)
        except Late as late:
            problem = f"{who} {late}"
        except (Exception, SystemExit) as raised:  # a plugin may raise anything: it is told
            problem = f"{who} raised {type(raised).__name__}: {raised}"
    if not isinstance(version, str | None):
        problem = f"{who} returned a {type(version).__name__}, not a version or None"
        version = None
    return Probed(version, problem, tuple(f"{who} {what}" for what in within.told))
