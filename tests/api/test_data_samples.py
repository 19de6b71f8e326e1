"""Samples are read by index, and must be those that were planned."""

import subprocess
import sys

import pytest

from recipec.api import Artifact, DataSamples, OperatorError, TensorSpec
from recipec.api.data.reference import read_reference, write_reference

pytestmark = pytest.mark.frameworks

IMAGES = (TensorSpec(name="x", shape=("N", 2)),)


def loaded(count: int = 3, labelled: bool = True):
    """The loader that these tests' references name."""
    import numpy as np

    from recipec.api.data import ArraySamples

    values = np.arange(2 * count, dtype=np.float32).reshape(count, 2)
    return ArraySamples({"x": values}, np.arange(count) if labelled else None)


@pytest.fixture
def refer(tmp_path, monkeypatch):
    """Make an artifact whose reference names `loaded`, with these facts."""
    monkeypatch.setitem(sys.modules, "loader_of_this_test", sys.modules[__name__])

    def make(arguments=None, **facts):
        path = tmp_path / "samples.json"
        write_reference(path, "loader_of_this_test:loaded", arguments or {})
        return Artifact(DataSamples(**facts), path, "0" * 64)

    return make


def test_a_reference_reads_back(tmp_path):
    write_reference(tmp_path / "r.json", "package._module:load", {"split": "train", "take": None})
    assert read_reference(tmp_path / "r.json") == (
        "package._module:load",
        {"split": "train", "take": None},
    )


def test_samples_are_taken_in_any_order():
    batch = loaded().take([2, 0])
    assert batch.inputs["x"].tolist() == [[4, 5], [0, 1]]
    assert batch.labels.tolist() == [2, 0]


def test_no_indices_are_no_samples():
    assert loaded().take([]).inputs["x"].shape == (0, 2)


def test_arrays_of_different_lengths_are_refused():
    import numpy as np

    from recipec.api.data import ArraySamples

    with pytest.raises(ValueError, match="different lengths"):
        ArraySamples({"x": np.zeros((3, 2))}, np.zeros(2, np.int64))
    with pytest.raises(ValueError, match="at least one array"):
        ArraySamples({})


def test_inputs_come_in_the_model_s_order():
    import numpy as np

    from recipec.api.data import Batch

    batch = Batch({"mask": np.ones(1), "ids": np.zeros(1)}, None)
    wanted = [TensorSpec(name="ids", shape=("N",)), TensorSpec(name="mask", shape=("N",))]
    assert [float(a[0]) for a in batch.ordered(wanted)] == [0.0, 1.0]
    assert [float(a[0]) for a in Batch({"a": np.ones(1)}, None).ordered(wanted[:1])] == [1.0]


def test_batches_are_the_beginning_of_one_seeded_permutation():
    import numpy as np

    from recipec.api.data import ArraySamples, seeded_batches

    samples = ArraySamples({"ids": np.arange(10), "mask": np.arange(10) * 2})
    wanted = [TensorSpec(name=name, shape=("N",)) for name in ("mask", "ids")]
    made = list(seeded_batches(samples, wanted, 7, 3, seed=4))
    assert [len(mask) for mask, _ in made] == [3, 3, 1]
    rows = np.random.default_rng(4).permutation(10)
    assert np.concatenate([ids for _, ids in made]).tolist() == rows[:7].tolist()
    assert np.concatenate([mask for mask, _ in made]).tolist() == (rows[:7] * 2).tolist()
    assert sum(len(ids) for _, ids in seeded_batches(samples, wanted, 99, 4, seed=4)) == 10


def test_samples_that_are_as_planned_are_opened(refer):
    from recipec.api.data import open_samples

    assert len(open_samples(refer(count=3, inputs=IMAGES, classes=3))) == 3
    assert len(open_samples(refer({"count": 5}))) == 5  # nothing known, nothing to contradict


@pytest.mark.parametrize(
    ("arguments", "facts", "says"),
    [
        ({}, {"count": 4}, "planned 4 samples, found 3"),
        ({"count": 0}, {}, "no samples"),
        ({}, {"inputs": (TensorSpec(name="x", shape=("N", 3)),)}, r"found x: \[N, 2\]"),
        ({}, {"inputs": (TensorSpec(name="y", shape=("N", 2)),)}, r"found x: \[N, 2\]"),
        ({"labelled": False}, {"classes": 3}, "with labels"),
        ({}, {"classes": None}, "without labels"),
    ],
)
def test_samples_that_are_not_as_planned_are_an_error(arguments, facts, says, refer):
    from recipec.api.data import open_samples

    with pytest.raises(OperatorError, match=says):
        open_samples(refer(arguments, **facts))


def test_writing_a_reference_imports_no_numpy():
    code = (
        "import sys, recipec.api.data.reference, recipec.api.data.shapes; "
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_an_unknown_name_is_an_attribute_error():
    import recipec.api.data

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = recipec.api.data.nothing
