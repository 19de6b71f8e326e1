"""The tables of docs/selectors-and-units.md are those of the code."""

import re
from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

import recipec
from recipec.api import Layer, MetricFamily
from recipec.api.expressions import MOST
from recipec.api.known_units import COUNT, DROP, DURATION, POINTS, RATE, RATIO, SIZE
from recipec.api.selectors import matcher
from recipec.api.units import (
    parse_bytes,
    parse_count,
    parse_drop,
    parse_duration,
    parse_points,
    parse_rate,
    parse_ratio,
    parse_share,
)

PAGE = (Path(__file__).parent.parent / "docs" / "selectors-and-units.md").read_text()
READERS = {
    "share of a whole": (parse_share, {"%"}),
    "duration": (parse_duration, set(DURATION.units)),
    "size": (parse_bytes, set(SIZE.units)),
    "ratio": (parse_ratio, set(RATIO.units)),
    "difference of shares": (parse_points, set(POINTS.units)),
    "count": (parse_count, set(COUNT.units)),
    "rate": (parse_rate, set(RATE.units)),
}


def rows(title):
    """Give the cells of the table whose head begins with a title."""
    lines = PAGE.partition(f"| {title} |")[2].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_every_quantity_is_in_the_table():
    assert [name for name, *_ in rows("quantity")] == list(READERS)


@pytest.mark.parametrize(("name", "written", "units", "bare"), list(rows("quantity")))
def test_a_quantity_is_as_the_table_says(name, written, units, bare):
    read, known = READERS[name]
    for example in quoted(written):
        read(float(example) if name == "share of a whole" and "%" not in example else example)
    assert set(quoted(units)) == known
    if bare == "never":
        with pytest.raises(PydanticCustomError):
            read(5)


def test_what_the_page_calls_refused_is():
    for read, text in [(parse_bytes, "1KB"), (parse_duration, "5m"), (parse_share, 1)]:
        with pytest.raises(PydanticCustomError):
            read(text)
    assert parse_share(1.0) == parse_share("100%") == 1


def test_the_error_on_the_page_is_the_real_one():
    with pytest.raises(PydanticCustomError) as raised:
        parse_share(40)
    assert f"amount: {raised.value.message()}" in PAGE
    assert f"hint: {raised.value.context['hint']}" in PAGE


def test_conditions_are_read_as_the_table_says():
    conditions = [quoted(condition)[0] for condition, *_ in rows("condition")]
    assert conditions == ["max_drop: 1pp", "max_drop: 1%", "min_ratio: 3x"]
    assert parse_drop("1pp") == (0.01, False)
    assert parse_drop("1%") == (0.01, True)
    assert set(DROP.units) == {"pp", "%"}


@pytest.mark.parametrize(
    ("selector", "matched", "not_matched"),
    [
        ("layer1.*", ["layer1.0.conv"], ["layer2.0.conv", "stem"]),
        (r"re:layer[12]\..*", ["layer1.0", "layer2.0"], ["layer3.0", "my.layer1.0"]),
        ("type:Conv2d", ["layer1.0.conv"], []),
    ],
)
def test_selectors_match_as_the_table_says(selector, matched, not_matched):
    assert selector in [quoted(first)[0] for first, *_ in rows("selector")]
    matches = matcher(selector)
    for name in matched:
        assert matches(Layer(name=name, type="Conv2d", tensors=()))
    for name in not_matched:
        assert not matches(Layer(name=name, type="Conv2d", tensors=()))


def test_the_bound_of_expressions_is_the_real_one():
    assert f"{MOST:,} characters" in PAGE


def test_the_python_on_the_page_works():
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    params, _, family = blocks
    names = {}
    exec(params, names)
    made = names["ShrinkParams"].model_validate({"amount": "40%", "include": ["type:Conv2d"]})
    assert (made.amount, names["parse_bytes"](made.memory)) == (0.4, 2**30)
    assert eval(family, {"MetricFamily": MetricFamily}).covers("energy.mean@batch=32")


@pytest.mark.frameworks
def test_the_selectors_on_the_page_match_layers_of_its_model(tmp_path):
    whole, *fragments = re.findall(r"^```yaml[^\n]*\n(.*?)^```", PAGE, re.M | re.S)
    [stages] = [text for text in fragments if "include:" in text]
    path = tmp_path / "recipe.yaml"
    path.write_text(whole.partition("baseline:")[0] + stages)
    plan = recipec.compile_recipe(recipec.load_recipe(path), store=tmp_path / "store").plan
    matched = plan.node("pruned").matched
    assert matched["exclude"][0] == "conv"
    assert set(matched["exclude"]) > {"conv", "blocks.0.conv1"}
    assert len(matched["include"]) > 2
