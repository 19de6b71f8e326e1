"""Whether data fits a model is told from facts alone."""

import pytest

from recipec.api import UNKNOWN, TensorSpec
from recipec.api.data import inputs_mismatch

IMAGE = TensorSpec(name="x", shape=("N", 1, 8, 8))
IDS = TensorSpec(name="ids", shape=("N", 12), dtype="int64")
MASK = TensorSpec(name="mask", shape=("N", 12), dtype="int64")


def renamed(spec: TensorSpec, **update: object) -> TensorSpec:
    return spec.model_copy(update=update)


@pytest.mark.parametrize(
    ("model", "data"),
    [
        ([IMAGE], [IMAGE]),
        ([IMAGE], [renamed(IMAGE, name="pixels")]),  # a single input takes the single array
        ([IDS, MASK], [MASK, IDS]),  # several are matched by name
        ([IDS], [MASK, IDS]),  # an array that isn't wanted does no harm
        ([renamed(IMAGE, shape=("batch", 1, "H", "W"))], [IMAGE]),
        (UNKNOWN, [IMAGE]),
        ([IMAGE], UNKNOWN),
    ],
)
def test_what_fits(model, data):
    assert inputs_mismatch(model, data) is None


@pytest.mark.parametrize(
    ("model", "data", "says"),
    [
        ([IMAGE], [renamed(IMAGE, shape=("N", 1, 28, 28))], "[N, 1, 8, 8]"),
        ([IMAGE], [renamed(IMAGE, shape=("N", 64))], "[N, 64]"),
        ([IDS], [renamed(IDS, dtype="int32")], "int32"),
        ([IDS, MASK], [IDS], "'mask'"),
        ([IDS, MASK], [], "none"),
    ],
)
def test_what_does_not_fit(model, data, says):
    assert says in inputs_mismatch(model, data)
