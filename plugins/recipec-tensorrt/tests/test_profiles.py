"""Optimization profiles: what is planned of them, and what an engine holds."""

import pytest
from pydantic import ValidationError

from recipec.api import OnnxModel, OperatorError, TensorSpec
from recipec.testing import BarePlanContext
from recipec_tensorrt.build import Build
from recipec_tensorrt.profile import Profile, Ranges, profile_of

IMAGES = TensorSpec(name="x", shape=("N", 3, "H", "W"))
IDS = TensorSpec(name="ids", shape=("N", "L"), dtype="int64")
MASK = TensorSpec(name="mask", shape=("N", "L"), dtype="int64")
LENGTH = {"L": {"min": 4, "opt": 16, "max": 64}}


def plan(inputs, tmp_path, **params):
    model = OnnxModel(inputs=inputs, outputs=(), precision="fp32")
    operator = Build(Build.params.model_validate(params))
    return operator.plan({"model": model}, BarePlanContext(tmp_path))


def refusal(inputs, tmp_path, **params):
    with pytest.raises(OperatorError) as raised:
        plan(inputs, tmp_path, **params)
    return raised.value


def shapes(low, best, high):
    return {"min": list(low), "opt": list(best), "max": list(high)}


def test_inputs_that_share_a_dimension_share_its_range():
    ranges = Ranges.model_validate({"dimensions": LENGTH})
    both = Profile((1, 4), (8, 16), (32, 64))
    assert profile_of((IDS, MASK), ranges) == {"ids": both, "mask": both}


def test_an_input_of_fixed_shape_has_no_profile():
    fixed = TensorSpec(name="fixed", shape=(1, 3))
    assert list(profile_of((fixed, MASK), Ranges.model_validate({"dimensions": LENGTH}))) == [
        "mask"
    ]


def test_whole_shapes_may_be_stated_by_input(tmp_path):
    stated = {"x": shapes((1, 3, 32, 32), (8, 3, 64, 64), (8, 3, 96, 96))}
    found = profile_of((IMAGES,), Ranges.model_validate({"shapes": stated}))
    assert found["x"].max == (8, 3, 96, 96)
    told = plan((IMAGES,), tmp_path, shapes=stated).effects
    assert told[-1] == "x: 1×3×32×32 to 8×3×96×96, tuned for 8×3×64×64"


def test_every_profile_is_in_the_plan(tmp_path):
    one, many = {"min": 1, "opt": 1, "max": 1}, {"min": 2, "opt": 16, "max": 32}
    profiles = [{"batch": one, "dimensions": LENGTH}, {"batch": many, "dimensions": LENGTH}]
    assert plan((IDS, MASK), tmp_path, profiles=profiles).effects[1:] == (
        "profile 1 of 2: N: 1",
        "profile 1 of 2: L: 4 to 64, tuned for 16",
        "profile 2 of 2: N: 2 to 32, tuned for 16",
        "profile 2 of 2: L: 4 to 64, tuned for 16",
    )


def test_a_profile_that_leaves_something_open_is_told_with_its_place(tmp_path):
    problem = refusal((IDS,), tmp_path, profiles=[{"dimensions": LENGTH}, {}])
    assert problem.message.startswith("dimension 'L' of input ids")
    assert problem.at == ("profiles", 1, "dimensions")


@pytest.mark.parametrize(
    ("stated", "says", "at"),
    [
        (
            {"y": shapes((1,), (1,), (1,))},
            "the model has no input 'y'",
            ("shapes", "y"),
        ),
        (
            {"x": shapes((1, 3), (1, 3), (1, 3))},
            "has 4 dimensions, and this shape 2",
            ("shapes", "x", "min"),
        ),
        (
            {"x": shapes((1, 3, 8, 8), (1, 4, 8, 8), (1, 4, 8, 8))},
            "dimension 1 of input x: [N, 3, H, W] float32 is always 3",
            ("shapes", "x", "opt", 1),
        ),
    ],
)
def test_shapes_that_an_input_cannot_have_are_refused(stated, says, at, tmp_path):
    problem = refusal((IMAGES,), tmp_path, shapes=stated)
    assert says in problem.message
    assert problem.at == at


def test_ranges_beside_profiles_are_refused(tmp_path):
    ranges = {"batch": {"min": 1, "opt": 1, "max": 2}, "profiles": [{"dimensions": LENGTH}]}
    assert refusal((IDS,), tmp_path, **ranges).at == ("profiles",)


def test_shapes_in_descending_order_are_refused():
    with pytest.raises(ValidationError, match="dimension 0 are not in ascending"):
        Build.params.model_validate({"shapes": {"x": shapes((2, 2), (1, 2), (2, 2))}})
