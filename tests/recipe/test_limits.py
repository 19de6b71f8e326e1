"""`isolation` and `limits` of a stage: read with units, refused in words, merged, rendered."""

import pytest
import yaml

import recipec
from recipec import RecipeError
from recipec.compiler import resolve_recipe

BASE = """\
apiVersion: recipec/v1
name: limited
model: {uses: toys.model}
stages:
  - {id: small, uses: toys.drop, with: {amount: 0.5}}
"""


@pytest.fixture
def load(tmp_path):
    def loading(more, text=BASE, name="recipe.yaml"):
        path = tmp_path / name
        path.write_text(text.replace("{amount: 0.5}}", f"{{amount: 0.5}}{more}}}"))
        return recipec.load_recipe(path)

    return loading


@pytest.mark.parametrize(
    ("more", "where", "said", "hint"),
    [
        (", limits: {time: 0s}", "0s", "a limit is more than 0", "write '10min', or leave it out"),
        (", limits: {time: 10}", "10}", "10 has no unit and could be 10ms or 10s", "write '10ms'"),
        (", limits: {memory: 4G}", "4G", "'G' is not a unit of a size", "did you mean '4GB'"),
        (", limits: {cores: 4}", "cores", "no 'cores'", None),
        (", isolation: container", "container", "should be 'process', not 'container'", None),
    ],
)
def test_what_cant_be_is_one_error_at_its_place(load, more, where, said, hint):
    with pytest.raises(RecipeError) as refused:
        load(more)
    (problem,) = refused.value.diagnostics
    assert problem.span.line == 5
    assert problem.span.source[problem.span.column - 1 :].startswith(where)
    assert said in problem.message
    assert hint is None or hint in problem.hint


def test_limits_are_a_process_of_its_own_and_no_part_of_the_key(load, toys, tmp_path):
    plans = {
        more: recipec.compile_recipe(load(more), catalog=toys, store=tmp_path / "store").plan
        for more in ("", ", isolation: process", ", limits: {time: 10min, memory: 4GiB}")
    }
    stages = {more: plan.node("small") for more, plan in plans.items()}
    assert [str(stage.isolation) for stage in stages.values()] == [
        "None",
        "in a process of its own",
        "in a process of its own, of at most 10min and 4GiB",
    ]
    assert len({str(stage.ingredients) for stage in stages.values()}) == 1
    limits = stages[", limits: {time: 10min, memory: 4GiB}"].isolation
    assert (limits.seconds, limits.bytes) == (600.0, 4 << 30)


def test_the_plan_says_so(load, toys, tmp_path):
    recipe = load(", limits: {memory: 4GiB}")
    text = recipec.compile_recipe(recipe, catalog=toys, store=tmp_path / "store").text()
    assert "runs     in a process of its own, of at most 4GiB" in text


def test_an_overlay_changes_one_limit_and_keeps_the_other(load, toys, tmp_path):
    load(", limits: {time: 10min, memory: 4GiB}", name="base.yaml")
    over = "extends: base.yaml\napiVersion: recipec/v1\nname: over\nstages:\n"
    recipe = load("", f"{over}  - {{id: small, limits: {{time: 1h}}}}\n")
    limits = recipe.spec.stages[0].limits
    assert (limits.time, limits.memory) == ("1h", "4GiB")
    (stage,) = yaml.safe_load(resolve_recipe(recipe, catalog=toys).to_yaml())["stages"]
    assert stage["limits"] == {"time": "1h", "memory": "4GiB"}
