"""Of parameters only those are shown that aren't the defaults."""

from typing import Annotated, Literal

import pytest
from pydantic import Field

from recipec.api import Params
from recipec.plan.text.params import stated, written


class Plain(Params):
    name: Literal["plain"] = "plain"
    rate: float = 0.1
    steps: int = 10


class Other(Params):
    name: Literal["other"] = "other"
    rate: float = 0.5


class Inner(Params):
    data: str
    samples: int = 256


class Outer(Params):
    amount: float
    way: Annotated[Plain | Other, Field(discriminator="name")] = Plain()
    calibration: Inner | None = None
    parts: tuple[Inner, ...] = ()
    named: dict[str, Inner] = Field(default_factory=dict)
    precise: bool = False


def shown(**given):
    params = Outer.model_validate(given)
    return list(stated(params, params.model_dump(mode="json", by_alias=True)))


def test_what_is_required_is_always_shown():
    assert shown(amount=0.5) == ["amount: 0.5"]


def test_a_value_that_is_the_default_is_left_out_though_it_was_given():
    assert shown(amount=0.5, precise=False, way={"name": "plain"}) == ["amount: 0.5"]


def test_of_nested_parameters_only_what_differs_is_shown():
    assert shown(amount=0.5, way={"name": "plain", "rate": 0.2, "steps": 10})[1:] == [
        "way: {rate: 0.2}"
    ]
    assert shown(amount=0.5, calibration={"data": "train"})[1:] == ["calibration: {data: train}"]


def test_another_type_than_the_default_is_named():
    assert shown(amount=0.5, way={"name": "other"})[1:] == ["way: {name: other}"]


def test_lists_and_mappings_are_looked_into():
    one = {"data": "a", "samples": 256}
    assert shown(amount=0.5, parts=[one], named={"x": one})[1:] == [
        "parts: [{data: a}]",
        "named: {x: {data: a}}",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10.0, "10"),
        (0.1, "0.1"),
        (1e-5, "1e-05"),
        (True, "true"),
        (None, "null"),
        ("8.0", '"8.0"'),
        ("true", '"true"'),
        ("fp32", "fp32"),
        ("32-true", "32-true"),
        ("a: b", '"a: b"'),
        ("", '""'),
        ("module:name", "module:name"),
        (["8.0", 1], '["8.0", 1]'),
        ({"a": {"b": 1}}, "{a: {b: 1}}"),
    ],
)
def test_values_are_written_as_a_recipe_has_them(value, text):
    assert written(value) == text


def test_what_is_too_long_is_cut():
    assert written("x" * 300, limit=10) == "x" * 9 + "…"
