"""A plan's file is never trusted: whatever it holds is compared, or one clear error."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recipec

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["unknown", "run", "reuse", "toys.model", "..", "/etc/passwd", "a=b", "\0"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value, path=()):
    """Give the path of everything in a value."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def put(value, path, new):
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = put(value[path[0]], path[1:], new)
    return value


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_plan_that_was_tampered_with(desk, data):
    path = desk.folder / "plan.json"
    if not path.exists():
        desk.save()
        path.with_suffix(".kept").write_text(path.read_text())
    saved = json.loads(path.with_suffix(".kept").read_text())
    places_of = list(places(saved))
    where = data.draw(st.sampled_from(places_of))
    path.write_text(json.dumps(put(saved, where, data.draw(JSON))))
    before = {p: p.stat().st_mtime_ns for p in desk.folder.iterdir()}
    refusal = refused(desk)
    assert refusal is None or (refusal.exit_code in (1, 2) and refusal.diagnostics)
    assert {p: p.stat().st_mtime_ns for p in desk.folder.iterdir()} == before


def refused(desk):
    """Apply the plan; give what is said against it."""
    try:
        desk.apply()
    except recipec.RecipecError as problem:
        return problem
    return None


@pytest.mark.parametrize("field", ["reason", "estimate", "key"])
def test_what_isn_t_compared_doesn_t_run_either(desk, field):
    desk.save()
    desk.edit(lambda data: data["plan"]["nodes"][4].update({field: "x"}))
    assert desk.apply().compilation.plan == desk.compile().plan
