"""Everything a plugin may import from recipec.

`recipec.api.torch` and `recipec.api.data` are heavy (they import torch and NumPy): import them from
a module named `_….py`, or inside `run()`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from recipec.api.artifacts import (
    Artifact,
    Built,
    DataSamples,
    Facts,
    Model,
    OnnxModel,
    Precision,
    Preprocessing,
    Quantization,
    Scores,
    TensorRTEngine,
    TensorSpec,
    TorchExported,
    TorchModel,
    TorchModule,
)
from recipec.api.capabilities import Capability, Requirement
from recipec.api.errors import OperatorError
from recipec.api.estimates import Basis, Estimate, Expected
from recipec.api.frozen import Frozen
from recipec.api.hookspecs import hookimpl
from recipec.api.layers import (
    Axis,
    ChannelGroup,
    ChannelShare,
    Layer,
    LayerTable,
    ResidualBlock,
    Tensor,
)
from recipec.api.metrics import Comparison, Interval, Metric, MetricFamily
from recipec.api.operator import (
    DataSource,
    Evaluator,
    Learning,
    ModelSource,
    Operator,
    PlanContext,
    Port,
    RunContext,
    StagePlan,
    StageResult,
    Trait,
)
from recipec.api.params import NoParams, Params
from recipec.api.references import DataRef, ImportString, LocalFile, StageRef
from recipec.api.units import ByteSize, Drop, Duration, Points, Ratio, Share
from recipec.api.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from recipec.api.deprecation import Ending
    from recipec.api.edits import Edit, KeepEntries, RemoveLayer, ReplaceLayer
    from recipec.api.lints import Lint
    from recipec.api.views import (
        Finding,
        GateView,
        InputView,
        Measured,
        PlanView,
        RecipePath,
        ReportSection,
        StageOutcome,
        StageView,
    )

__all__ = [
    "UNKNOWN",
    "Artifact",
    "Axis",
    "Basis",
    "Built",
    "ByteSize",
    "Capability",
    "ChannelGroup",
    "ChannelShare",
    "Comparison",
    "DataRef",
    "DataSamples",
    "DataSource",
    "Drop",
    "Duration",
    "Edit",
    "Estimate",
    "Evaluator",
    "Expected",
    "Facts",
    "Finding",
    "Frozen",
    "GateView",
    "ImportString",
    "InputView",
    "Interval",
    "KeepEntries",
    "Layer",
    "LayerTable",
    "Learning",
    "Lint",
    "LocalFile",
    "Measured",
    "Metric",
    "MetricFamily",
    "Model",
    "ModelSource",
    "NoParams",
    "OnnxModel",
    "Operator",
    "OperatorError",
    "Params",
    "PlanContext",
    "PlanView",
    "Points",
    "Port",
    "Precision",
    "Preprocessing",
    "Quantization",
    "Ratio",
    "RecipePath",
    "RemoveLayer",
    "ReplaceLayer",
    "ReportSection",
    "Requirement",
    "ResidualBlock",
    "RunContext",
    "Scores",
    "Share",
    "StageOutcome",
    "StagePlan",
    "StageRef",
    "StageResult",
    "StageView",
    "Tensor",
    "TensorRTEngine",
    "TensorSpec",
    "TorchExported",
    "TorchModel",
    "TorchModule",
    "Trait",
    "Unknown",
    "hookimpl",
]

# Most plugins need none of these: they are loaded when they are first asked for.
_LATER = {
    **dict.fromkeys(("Edit", "KeepEntries", "RemoveLayer", "ReplaceLayer"), "edits"),
    **dict.fromkeys(
        (
            "Finding",
            "GateView",
            "InputView",
            "Measured",
            "PlanView",
            "RecipePath",
            "ReportSection",
            "StageOutcome",
            "StageView",
        ),
        "views",
    ),
    "Lint": "lints",
}

_ENDING: dict[str, Ending] = {}
"""Names that are deprecated; see docs/api-stability.md."""


def __getattr__(name: str) -> Any:
    if name in _ENDING:
        from recipec.api.deprecation import ending_name

        return ending_name(__name__, _ENDING, name)
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
