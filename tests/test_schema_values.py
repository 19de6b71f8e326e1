"""Parameters are accepted by the schema when the operator's `Params` accept them, and only then.

Parameters of every installed operator are generated: good ones, wrong types, values at and beyond
bounds, other words, unknown and missing keys. `schema_exceptions.py` says where the two may differ.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from recipec.api import Evaluator
from recipec.recipe.misread import not_finite, not_of_its_type
from recipec.registry import discover
from recipec.schema import recipe_schema
from recipec.schema.uses import places
from schema_exceptions import VALUES

OPERATORS = {id: offered.operator for id, offered in discover().operators.items()}
FILLED_IN = ("metrics", "data")
"""What the recipe's `measure:` says for an evaluator."""


@cache
def schema():
    return recipe_schema(discover())


def anything():
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-3, 300)
        | st.floats(-3, 300, width=32)
        | st.sampled_from(["", "x", "8", "true", "50%", "150%", "5ms", "64MiB", "a.b:c", "N"])
    )
    return st.recursive(scalars, lambda inner: st.lists(inner, max_size=2) | mapping(inner))


def mapping(values):
    return st.dictionaries(st.sampled_from(["x", "name", "data", "min"]), values, max_size=2)


def values(node, nested):
    """Values that a node of Pydantic's schema describes, most of them good."""
    return st.one_of(*[good(node, nested)] * 3, edges(node), anything())


def good(node, nested):
    if "$ref" in node:
        return parameters(nested[node["$ref"].rpartition("/")[2]], nested)
    if "const" in node or "enum" in node:
        return st.sampled_from(node.get("enum", [node.get("const")]))
    for many in ("anyOf", "oneOf"):
        if many in node:
            return st.one_of([values(branch, nested) for branch in node[many]])
    kind = node.get("type")
    if kind == "string":
        return st.sampled_from([*node.get("examples", []), "train", "a.b:c", "model.py:Net"])
    if kind == "array":
        items = node.get("prefixItems") or [node.get("items", {})]
        least, most = node.get("minItems", 0), node.get("maxItems", 3)
        return st.lists(
            st.one_of([values(i, nested) for i in items]), min_size=least, max_size=most
        )
    if kind == "object":
        inner = node.get("additionalProperties", {})
        return mapping(values(inner if isinstance(inner, dict) else {}, nested))
    numbers = {"integer": st.integers(1, 300), "number": st.floats(0, 2, width=16)}
    return numbers.get(kind, {"boolean": st.booleans(), "null": st.none()}.get(kind, anything()))


def edges(node):
    """Values at a number's bounds, and one step beyond."""
    bounds = [node[key] for key in node if key.lower().endswith(("minimum", "maximum"))]
    return st.sampled_from([b + d for b in bounds for d in (-1, 0, 1)] or [0, 1])


def parameters(node, nested):
    """A mapping with the keys of a model: needed ones most of the time, others now and then."""
    needed, optional = {}, {"unknown": st.just(1)}
    for name, inner in node.get("properties", {}).items():
        side = needed if name in node.get("required", ()) else optional
        side[name] = values(inner, nested)
    whole = st.fixed_dictionaries(needed)
    some = st.lists(st.sampled_from(sorted(optional)), max_size=3, unique=True)
    more = some.flatmap(lambda names: st.fixed_dictionaries({n: optional[n] for n in names}))
    fewer = st.fixed_dictionaries({}, optional=needed)
    return st.tuples(st.one_of(whole, whole, whole, fewer), more).map(lambda two: two[0] | two[1])


def is_evaluator(id):
    return issubclass(OPERATORS[id], Evaluator)


def accepted(id, given):
    """Whether recipec takes these parameters, as it validates them when a plan is made."""
    operator = OPERATORS[id]
    if is_evaluator(id):
        said = {"metrics": [operator.families[0].name], "data": "test"}
        given = {k: v for k, v in said.items() if k in operator.params.model_fields} | given
    try:
        params = operator.params.model_validate(given)
    except ValidationError:
        return False
    return not [*not_finite(given), *not_of_its_type(given, params)]


@cache
def validator(entry):
    return Draft202012Validator({"$ref": f"#/$defs/{entry}", "$defs": schema()["$defs"]})


def valid(id, with_):
    if is_evaluator(id):
        return validator("Measure").is_valid({"metrics": [{OPERATORS[id].families[0].name: with_}]})
    where = next(iter(places(OPERATORS[id])), None)
    named = {"id": "a"} if where == "stage" else {}
    return validator(where.capitalize()).is_valid({**named, "uses": id, "with": with_})


@pytest.mark.parametrize("id", OPERATORS)
def test_schema_and_parameters_agree(id):
    node = OPERATORS[id].params.model_json_schema(by_alias=True)
    if is_evaluator(id):
        free = {k: v for k, v in node["properties"].items() if k not in FILLED_IN}
        node = {**node, "properties": free, "required": []}

    # The same examples in every run: that a run fails must be due to a change.
    @settings(
        max_examples=300,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(parameters(node, node.get("$defs", {})))
    def agree(with_):
        if accepted(id, with_) is not valid(id, with_):
            assert any(differs(with_) for _, differs, _ in VALUES)

    agree()


@pytest.mark.parametrize(("reason", "differs", "example"), VALUES, ids=lambda v: None)
def test_an_exception_is_one(reason, differs, example):
    id, with_ = example
    assert differs(with_), reason
    assert accepted(id, with_) is not valid(id, with_), reason
