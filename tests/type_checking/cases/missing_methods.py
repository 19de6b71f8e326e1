"""Operators that lack a method, or have one with other arguments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recipec.api import (
    Artifact,
    DataSource,
    Facts,
    NoParams,
    Operator,
    PlanContext,
    RunContext,
    StagePlan,
)
from recipec.testing import OperatorContract


class Half(Operator[NoParams]):
    id = "acme.half"
    version = 1
    summary = "It can't run"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        context.verison("torch")  # E: attr-defined | AttributeAccessIssue
        return StagePlan()


Given = Mapping[str, Facts]
Read = Mapping[str, Artifact[Any]]
Run = RunContext


class Odd(Operator[NoParams]):
    id = "acme.odd"
    version = 1
    summary = "Its methods are others"

    def plan(self, inputs: Given) -> StagePlan:  # E: override | IncompatibleMethodOverride
        return StagePlan()

    def run(self, inputs: Read, context: Run) -> Path:  # E: override | IncompatibleMethodOverride
        return context.path_for("model")


class Pictures(DataSource[NoParams]):
    id = "acme.pictures"
    version = 1
    summary = "It doesn't say what its loader is called with"
    loader = "acme._pictures:load"

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        return StagePlan()


class TestHalf(OperatorContract):
    operator = Half


Half(NoParams())  # E: abstract | AbstractUsage
Pictures(NoParams())  # E: abstract | AbstractUsage
TestHalf()  # E: abstract | AbstractUsage
Odd(NoParams()).run({}, None)  # E: arg-type | ArgumentType
