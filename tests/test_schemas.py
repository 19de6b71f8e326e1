"""The committed schemas are those of the code, and agree with what recipec accepts."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from recipec.registry import discover
from recipec.schema import schemas


@pytest.fixture(scope="module")
def made():
    return schemas(discover())


@pytest.mark.parametrize("name", ["recipe", "plan", "run"])
def test_a_committed_schema_is_up_to_date(made, name, request):
    path = request.config.rootpath / "schemas" / f"{name}.v1.schema.json"
    hint = "run `recipec schema --write schemas`"
    assert json.loads(path.read_text()) == made[name], hint


@pytest.mark.parametrize("name", ["recipe", "plan", "run"])
def test_a_schema_is_a_schema(made, name):
    Draft202012Validator.check_schema(made[name])


def test_every_recipe_is_valid(made, request):
    validator = Draft202012Validator(made["recipe"])
    for path in (request.config.rootpath / "recipes").glob("*.yaml"):
        assert list(validator.iter_errors(yaml.safe_load(path.read_text()))) == [], path.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: seven-steps", "nam: seven-steps"),
        ("epochs: 12", "epohcs: 12"),
        ("uses: torch.model", "uses: torch.modle"),
        ("round_to: 8", "round_to: eight"),
        ("max_drop: 1pp", "max_drop: 1"),
        ("metrics: [size,", "metrics: [sise,"),
    ],
)
def test_a_mistake_is_seen_by_an_editor(made, request, old, new):
    text = (request.config.rootpath / "recipes" / "seven-steps.yaml").read_text()
    assert old in text
    wrong = yaml.safe_load(text.replace(old, new))
    assert list(Draft202012Validator(made["recipe"]).iter_errors(wrong))


def test_operator_parameters_are_described_for_editors(made):
    params = made["recipe"]["$defs"]["prune.channels"]["properties"]["round_to"]
    assert params["description"].endswith("A whole number ≥ 1. Default: 8.")
    assert params["default"] == 8


def test_a_plan_and_a_record_are_valid(made, bench):
    compilation = bench.compile()
    plan = json.loads(compilation.plan.model_dump_json())
    record = json.loads(bench.run().model_dump_json())
    assert list(Draft202012Validator(made["plan"]).iter_errors(plan)) == []
    assert list(Draft202012Validator(made["run"]).iter_errors(record)) == []
