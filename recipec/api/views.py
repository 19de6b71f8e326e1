"""What hooks may see of a plan and of a run: read-only, and stable for plugin authors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from recipec.api.artifacts import Facts
from recipec.api.metrics import Metric


class StageView(Protocol):
    """A planned stage."""

    @property
    def id(self) -> str: ...
    @property
    def operator(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...
    @property
    def outputs(self) -> Mapping[str, Facts]: ...
    @property
    def action(self) -> str: ...


class PlanView(Protocol):
    """A finished plan."""

    @property
    def name(self) -> str: ...
    @property
    def stages(self) -> Sequence[StageView]: ...


class StageOutcome(NamedTuple):
    """How a stage ended."""

    status: Literal["ran", "reused", "failed"]
    seconds: float
    metrics: tuple[Metric, ...] = ()


class Finding(NamedTuple):
    """What a plan check has to say about a stage (its id; None for the whole plan)."""

    message: str
    stage: str | None = None
    hint: str | None = None
    severity: Literal["error", "warning"] = "warning"


class ReportSection(NamedTuple):
    """A section of the report: a Jinja template as text, and the values it uses."""

    title: str
    template: str
    values: Mapping[str, Any] = MappingProxyType({})
