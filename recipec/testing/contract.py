"""Checks that every operator must pass before anything runs; subclass them in a plugin's tests."""

from __future__ import annotations

import json
from importlib.metadata import entry_points

import jsonschema
import pytest
from pydantic import ValidationError

from recipec.api.hookspecs import PROJECT
from recipec.testing.declared import (
    description_faults,
    frozen_faults,
    id_faults,
    port_faults,
    schema_faults,
    summary_faults,
    unknown_key_faults,
    version_faults,
)
from recipec.testing.plan_checks import PlanChecks
from recipec.testing.versions import VersionChecks


class OperatorContract(PlanChecks, VersionChecks):
    """The light half of an operator: its parameters and its plan.

        class TestShrink(OperatorContract):
            operator = Shrink

            def good_params(self):
                return {"amount": 0.5}

            def example_facts(self):
                return {"model": TorchModule(layers=table)}

    Subclass `RunContract` instead where the operator can be run in a test.
    """

    # What it is called

    def test_its_id_is_a_namespace_a_dot_and_a_name(self) -> None:
        assert list(id_faults(self.operator)) == []

    def test_its_plugin_offers_it(self) -> None:
        namespace = self.operator.id.partition(".")[0]
        found = entry_points(group=PROJECT, name=namespace)
        assert found, (
            f"no installed distribution has a plugin {namespace!r}: name it in pyproject.toml "
            f'([project.entry-points.recipec] {namespace} = "…") and `pip install -e .`'
        )
        offered = [o for point in found for o in point.load().recipec_operators()]
        assert self.operator in offered, (
            f"plugin {namespace!r} doesn't offer {self.operator.id}: return it from "
            "recipec_operators()"
        )

    def test_its_version_is_a_positive_integer(self) -> None:
        assert list(version_faults(self.operator)) == []

    def test_its_summary_is_one_line(self) -> None:
        assert list(summary_faults(self.operator)) == []

    def test_every_port_is_described(self) -> None:
        assert list(port_faults(self.operator)) == []

    # Its parameters

    def test_an_unknown_parameter_is_refused(self) -> None:
        assert list(unknown_key_faults(self.operator.params)) == []
        with pytest.raises(ValidationError, match="surely_unknown"):
            self.operator.params.model_validate({**self.good_params(), "surely_unknown": 1})

    def test_every_parameter_is_described(self) -> None:
        assert list(description_faults(self.operator.params)) == []

    def test_parameters_survive_json(self) -> None:
        params = self.make().with_
        read = type(params).model_validate(json.loads(params.model_dump_json()))
        assert read == params, (
            f"the parameters read back from JSON as {read!r}, and are {params!r}; plans and keys "
            "hold them as JSON: take field types and serializers that lose nothing"
        )

    def test_parameters_fit_their_json_schema(self) -> None:
        assert list(schema_faults(self.operator.params)) == []
        schema = self.operator.params.model_json_schema()
        # Every default is written into the resolved recipe, which must be a valid recipe too.
        written = self.make().with_.model_dump(mode="json")
        for what, params in (("good_params()", dict(self.good_params())), ("defaults", written)):
            try:
                jsonschema.validate(params, schema)
            except jsonschema.ValidationError as problem:
                raise AssertionError(
                    f"the {what} don't fit the parameters' own JSON Schema, so an editor would "
                    f"mark a good recipe: {problem.message} at {list(problem.absolute_path)}"
                ) from problem

    def test_parameters_are_immutable(self) -> None:
        assert list(frozen_faults(self.operator.params)) == []
