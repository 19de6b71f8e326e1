"""What a plugin author gives to the contracts: an operator, good parameters, example inputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from recipec.api import Facts, Operator, StagePlan
from recipec.testing.contexts import AlonePlanContext


class Example(ABC):
    """An operator with parameters and inputs that fit."""

    operator: ClassVar[type[Operator[Any]]]
    _made_facts: ClassVar[Mapping[str, Facts]]

    @abstractmethod
    def good_params(self) -> Mapping[str, Any]:
        """Give parameters as JSON, as a recipe would hold them under `with:`."""

    @abstractmethod
    def example_facts(self) -> Mapping[str, Facts]:
        """Give planned inputs by port, and by place for `StageRef` and `DataRef` parameters."""

    def facts(self) -> dict[str, Facts]:
        """Give copies of the example facts, which are made once for a class: it may take long."""
        if "_made_facts" not in vars(type(self)):
            type(self)._made_facts = dict(self.example_facts())
        return {port: facts.model_copy(deep=True) for port, facts in self._made_facts.items()}

    def prepare(self, folder: Path) -> None:  # noqa: B027 (most operators need no files)
        """Put the files into `folder` that `good_params` names. They are those beside a recipe."""

    def make(self) -> Operator[Any]:
        """Make the operator with the good parameters."""
        return self.operator(self.operator.params.model_validate(dict(self.good_params())))

    def plan_in(self, folder: Path, context: AlonePlanContext | None = None) -> StagePlan:
        """Plan the example, with its files in `folder`. Raises OperatorError."""
        self.prepare(folder)
        return self.make().plan(self.facts(), context or AlonePlanContext(folder))


def no_check(cls: type, *names: str) -> None:
    """Take checks out of a contract that can't fail for its operator: pytest collects functions."""
    for name in names:
        setattr(cls, name, None)
