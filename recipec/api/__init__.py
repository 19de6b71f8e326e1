"""Everything a plugin may import from recipec.

`recipec.api.torch` and `recipec.api.data` are heavy (they import torch and NumPy): import them from
a module named `_….py`, or inside `run()`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from recipec.api.artifacts import (
    Artifact,
    DataSamples,
    Facts,
    Model,
    OnnxModel,
    Precision,
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
from recipec.api.frozen import Frozen
from recipec.api.hookspecs import hookimpl
from recipec.api.layers import Axis, ChannelGroup, Layer, LayerTable, Share, Tensor
from recipec.api.metrics import Comparison, Interval, Metric, MetricFamily
from recipec.api.operator import (
    DataSource,
    Evaluator,
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
from recipec.api.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from recipec.api.edits import Edit, KeepEntries, RemoveLayer, ReplaceLayer
    from recipec.api.views import Finding, PlanView, ReportSection, StageOutcome, StageView

__all__ = [
    "UNKNOWN",
    "Artifact",
    "Axis",
    "Capability",
    "ChannelGroup",
    "Comparison",
    "DataRef",
    "DataSamples",
    "DataSource",
    "Edit",
    "Evaluator",
    "Facts",
    "Finding",
    "Frozen",
    "ImportString",
    "Interval",
    "KeepEntries",
    "Layer",
    "LayerTable",
    "LocalFile",
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
    "Port",
    "Precision",
    "Quantization",
    "RemoveLayer",
    "ReplaceLayer",
    "ReportSection",
    "Requirement",
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
    **dict.fromkeys(("Finding", "PlanView", "ReportSection", "StageOutcome", "StageView"), "views"),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
