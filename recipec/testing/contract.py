"""Checks that every operator must pass before anything runs; subclass them in a plugin's tests."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar, get_args

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from recipec.api import Facts, Layer, Model, Operator, OperatorError, StagePlan, Unknown
from recipec.api.hookspecs import PROJECT
from recipec.api.selectors import SelectorsMark
from recipec.testing.contexts import AlonePlanContext, BarePlanContext
from recipec.testing.isolated import plan_as_json, plan_without_frameworks


class OperatorContract(ABC):
    """The light half of an operator: its parameters and its plan.

        class TestShrink(OperatorContract):
            operator = Shrink

            def good_params(self):
                return {"amount": 0.5}

            def example_facts(self):
                return {"model": TorchModule(layers=table)}

    Subclass `RunContract` instead where the operator can be run in a test.
    """

    operator: ClassVar[type[Operator[Any]]]

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        operator = getattr(cls, "operator", None)
        # pytest collects functions only: a check that can't fail for this operator isn't one.
        if operator is not None and not selectors_of(operator):
            cls.test_a_selector_that_matches_nothing_is_an_error_at_its_place = None  # type: ignore[method-assign, assignment]
            cls.test_a_plan_says_what_selectors_matched = None  # type: ignore[method-assign, assignment]

    @abstractmethod
    def good_params(self) -> Mapping[str, Any]:
        """Give parameters as JSON, as a recipe would hold them under `with:`."""

    @abstractmethod
    def example_facts(self) -> Mapping[str, Facts]:
        """Give planned inputs by port, and by place for `StageRef` and `DataRef` parameters."""

    def prepare(self, folder: Path) -> None:  # noqa: B027 (most operators need no files)
        """Put the files into `folder` that `good_params` names. They are those beside a recipe."""

    def make(self) -> Operator[Any]:
        """Make the operator with the good parameters."""
        return self.operator(self.operator.params.model_validate(dict(self.good_params())))

    # What it is called

    def test_its_id_is_a_namespace_a_dot_and_a_name(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*", self.operator.id), (
            f"{self.operator.id!r} is not of the form 'plugin.name'"
        )

    def test_its_plugin_offers_it(self) -> None:
        namespace = self.operator.id.partition(".")[0]
        found = entry_points(group=PROJECT, name=namespace)
        assert found, f"no installed distribution has a plugin {namespace!r}: install it first"
        offered = [o for point in found for o in point.load().recipec_operators()]
        assert self.operator in offered, f"plugin {namespace!r} doesn't offer {self.operator.id}"

    def test_its_version_is_a_positive_integer(self) -> None:
        assert type(self.operator.version) is int
        assert self.operator.version >= 1

    def test_its_summary_is_one_line(self) -> None:
        assert self.operator.summary.strip(), "the summary is empty"
        assert len(self.operator.summary.splitlines()) == 1, "the summary has several lines"

    def test_every_port_is_described(self) -> None:
        ports = [*self.operator.inputs.items(), *self.operator.outputs.items()]
        assert [name for name, port in ports if not port.doc.strip()] == []

    # Its parameters

    def test_an_unknown_parameter_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="surely_unknown"):
            self.operator.params.model_validate({**self.good_params(), "surely_unknown": 1})

    def test_every_parameter_is_described(self) -> None:
        assert list(undescribed(self.operator.params)) == []

    def test_parameters_survive_json(self) -> None:
        params = self.make().with_
        assert type(params).model_validate(json.loads(params.model_dump_json())) == params

    def test_parameters_fit_their_json_schema(self) -> None:
        schema = self.operator.params.model_json_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(dict(self.good_params()), schema)
        # Every default is written into the resolved recipe, which must be a valid recipe too.
        jsonschema.validate(self.make().with_.model_dump(mode="json"), schema)

    def test_parameters_are_immutable(self) -> None:
        assert self.operator.params.model_config.get("frozen"), "parameters must be frozen"

    def test_a_selector_that_matches_nothing_is_an_error_at_its_place(self, tmp_path: Path) -> None:
        for name in selectors_of(self.operator):
            with pytest.raises(OperatorError) as raised:
                self._plan_with(tmp_path, {name: ["no.such.layer"]})
            places = [problem.at for problem in (raised.value, *raised.value.more)]
            assert (name, 0) in places, f"the error is at {places}, and not at {(name, 0)}"

    def test_a_plan_says_what_selectors_matched(self, tmp_path: Path) -> None:
        first, *_ = self._layers()
        for name in selectors_of(self.operator):
            matched = self._plan_with(tmp_path, {name: [first.name]}).matched
            assert matched.get(name) == (first.name,), f"it matched {first.name}, says {matched}"

    def _layers(self) -> tuple[Layer, ...]:
        models = [facts for facts in self.example_facts().values() if isinstance(facts, Model)]
        tables = [m.layers for m in models if not isinstance(m.layers, Unknown)]
        assert tables, "`example_facts` need a layer table, for an operator that selects layers"
        return tables[0].layers

    def _plan_with(self, folder: Path, more: Mapping[str, Any]) -> StagePlan:
        self.prepare(folder)
        params = self.operator.params.model_validate({**self.good_params(), **more})
        return self.operator(params).plan(self.example_facts(), AlonePlanContext(folder))

    # Its plan

    def test_a_plan_fills_every_output_with_its_kind(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        planned = self.make().plan(self.example_facts(), AlonePlanContext(tmp_path))
        assert_declared(self.operator, planned)

    def test_a_plan_is_repeatable(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        operator = self.make()
        first = operator.plan(self.example_facts(), AlonePlanContext(tmp_path))
        again = operator.plan(self.example_facts(), AlonePlanContext(tmp_path))
        anew = self.make().plan(self.example_facts(), AlonePlanContext(tmp_path))
        assert plan_as_json(first) == plan_as_json(again) == plan_as_json(anew)

    def test_a_plan_leaves_its_inputs_alone(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        facts = dict(self.example_facts())
        before = {port: known.model_dump_json() for port, known in facts.items()}
        self.make().plan(facts, AlonePlanContext(tmp_path))
        assert {port: known.model_dump_json() for port, known in facts.items()} == before

    def test_a_plan_needs_no_framework(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        here = AlonePlanContext(tmp_path)
        planned = self.make().plan(self.example_facts(), here)
        assert plan_as_json(planned) == plan_without_frameworks(
            self.operator, self.good_params(), self.example_facts(), tmp_path, here.answers
        )

    def test_a_plan_can_be_made_for_a_machine_that_has_nothing(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        planned = self.make().plan(self.example_facts(), BarePlanContext(tmp_path))
        assert_declared(self.operator, planned)

    def test_a_plan_copes_with_unknown_facts(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        unknown = {port: type(facts)() for port, facts in self.example_facts().items()}
        try:
            planned = self.make().plan(unknown, AlonePlanContext(tmp_path))
        except OperatorError:
            return  # it says what it would have to know
        assert_declared(self.operator, planned)

    def test_planned_facts_survive_json(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        planned = self.make().plan(self.example_facts(), AlonePlanContext(tmp_path))
        assert_survive_json(planned.outputs)


def selectors_of(operator: type[Operator[Any]]) -> list[str]:
    """Name the parameters of the type `Selectors`."""
    fields = operator.params.model_fields.items()
    return [n for n, f in fields if any(isinstance(m, SelectorsMark) for m in f.metadata)]


def assert_declared(operator: type[Operator[Any]], planned: StagePlan) -> None:
    """Assert that a plan's outputs are those that the operator declares, of the declared kinds."""
    wanted = {name for name, port in operator.outputs.items() if not port.optional}
    assert wanted <= set(planned.outputs), f"not planned: {wanted - set(planned.outputs)}"
    for name, facts in planned.outputs.items():
        assert name in operator.outputs, f"{name!r} is not a declared output"
        kind = operator.outputs[name].kind
        assert isinstance(facts, kind), f"{name!r} is a {type(facts).__name__}, no {kind.__name__}"


def assert_survive_json(outputs: Mapping[str, Facts]) -> None:
    """Assert that facts are the same after they were written as JSON and read again."""
    for name, facts in outputs.items():
        read = type(facts).from_json(json.loads(json.dumps(facts.to_json(), allow_nan=False)))
        assert read == facts, f"{name!r} reads back as {read!r}"


def undescribed(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Name the fields without a description, also those of models inside of fields."""
    for name, field in model.model_fields.items():
        if not (field.description or "").strip():
            yield f"{prefix}{name}"
        for inner in _models_in(field.annotation):
            yield from undescribed(inner, f"{prefix}{name}.")


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
