"""The committed schemas are those of the code, and agree with what recipec accepts."""

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

import recipec
from recipec.registry import discover
from recipec.schema import schemas
from toys.bench import TOY_RECIPE

SEEDED = TOY_RECIPE + "seed: 5\n"
NAMES = ("recipe", "plan", "saved-plan", "lock", "diff", "run")


@pytest.fixture(scope="module")
def made():
    return schemas(discover())


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_schema_is_up_to_date(made, name, request):
    path = request.config.rootpath / "schemas" / f"{name}.v1.schema.json"
    hint = "run `recipec schema --write schemas`"
    assert json.loads(path.read_text()) == made[name], hint


@pytest.mark.parametrize("name", NAMES)
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


def test_what_reviewing_writes_is_valid(made, bench, monkeypatch):
    monkeypatch.chdir(bench.folder)
    compilation = bench.compile()
    recipec.save_plan(compilation, "plan.json")
    recipec.lock_recipe(compilation)
    options = {"catalog": bench.catalog, "store": bench.folder / "store"}
    compared = recipec.compare_files("plan.json", bench.write(SEEDED), **options)
    written = {
        "saved-plan": json.loads((bench.folder / "plan.json").read_text()),
        "lock": json.loads((bench.folder / "recipe.lock.json").read_text()),
        "diff": json.loads(compared.model_dump_json()),
    }
    for name, value in written.items():
        assert list(Draft202012Validator(made[name]).iter_errors(value)) == []
        value["more"] = 1
        assert list(Draft202012Validator(made[name]).iter_errors(value)) != []
