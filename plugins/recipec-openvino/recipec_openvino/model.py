"""The artifact kind of OpenVINO's models, which says what runs them."""

from typing import ClassVar, Final

from packaging.version import Version
from pydantic import Field

from recipec.api import UNKNOWN, Model, PlanContext, Requirement, Unknown

OPENVINO: Final = Requirement("python:openvino>=2025.0", "pip install 'recipec[openvino]'")


class OpenVINOModel(Model):
    """OpenVINO IR: a folder with `model.xml`, the graph, and `model.bin`, its constants.

    `operators` counts the graph's nodes by type, without constants, inputs and outputs;
    `openvino_version` is the version that converted it.
    """

    kind = "openvino.model"
    session: ClassVar[str | None] = "recipec_openvino._session:OpenVINOSession"
    session_requires: ClassVar[tuple[Requirement, ...]] = (OPENVINO,)
    operators: dict[str, int] | Unknown = UNKNOWN
    # Unknown first: any text is a version, also "unknown"
    openvino_version: Unknown | str = Field(default=UNKNOWN, union_mode="left_to_right")


def planned_version(context: PlanContext) -> str | Unknown:
    """Give the version that would convert, read from the distribution without importing it."""
    installed = context.version("openvino")
    return UNKNOWN if installed is None else plain_version(installed)


def plain_version(text: str) -> str:
    """Give the release numbers of a version; OpenVINO adds its build (`2026.4.1-22982-…`)."""
    return Version(text.partition("-")[0]).base_version
