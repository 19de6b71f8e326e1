"""The two libraries that build engines, which share one Python API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal, NamedTuple

from packaging.version import Version

from recipec.api import UNKNOWN, PlanContext, Requirement, Unknown

RuntimeName = Literal["tensorrt-rtx", "tensorrt"]


class Runtime(NamedTuple):
    """A library: its distribution has the same name, `module` is what is imported.

    `ahead_of_time` says whether it builds for GPUs that this machine doesn't have.
    """

    name: RuntimeName
    module: str
    requires: tuple[Requirement, ...]
    ahead_of_time: bool

    def planned_version(self, context: PlanContext) -> str | Unknown:
        """Give the version that would build, read from the distribution without importing it."""
        if any(context.missing(requirement) for requirement in self.requires):
            return UNKNOWN
        try:
            return plain_version(_installed(self.name))
        except PackageNotFoundError:
            return UNKNOWN


@cache
def _installed(distribution: str) -> str:
    return version(distribution)  # reads and parses all of the metadata


RUNTIMES: Final[Mapping[RuntimeName, Runtime]] = {
    "tensorrt-rtx": Runtime(
        "tensorrt-rtx",
        "tensorrt_rtx",
        (Requirement("python:tensorrt-rtx>=1.2", "pip install 'tensorrt-rtx>=1.2'"),),
        ahead_of_time=True,
    ),
    "tensorrt": Runtime(
        "tensorrt",
        "tensorrt",
        (
            Requirement("python:tensorrt>=10.9", "pip install 'tensorrt>=10.9'"),
            Requirement("cuda>=12"),
        ),
        ahead_of_time=False,
    ),
}

COMPUTE_CAPABILITIES: Final = ("7.5", "8.0", "8.6", "8.9", "12.0", "12.1")
"""What TensorRT for RTX 1.7 offers. What the installed one offers is checked when it builds."""


def plain_version(text: str) -> str:
    """Give the release numbers of a version.

    A distribution may be a `.post1` of the library that it carries, and the module doesn't say so:
    only what both of them can tell is a fact about the engine.
    """
    return Version(text).base_version
