"""`data.python`: code of the user, described once and opened in any process."""

from pathlib import Path

import pytest

from recipec.api import UNKNOWN, OperatorError
from recipec.testing import AlonePlanContext, DataContract
from recipec_data.python_dataset import PythonDataset

pytestmark = pytest.mark.frameworks

CODE = """
import json
import numpy as np
from recipec.api.data import ArraySamples, Batch

class Squares:
    classes = ["even", "odd"]
    def __init__(self, count=10):
        self.count = count
    def __len__(self):
        return self.count
    def __getitem__(self, i):
        return np.full((1, 2, 2), float(i * i)), i % 2

class Mapped(Squares):
    def __getitem__(self, i):
        return {"a": [i, i], "b": 0.5, "label": 1}

class Bare(Squares):
    def __getitem__(self, i):
        return np.zeros(3)

class Ragged(Squares):
    def __getitem__(self, i):
        return np.zeros(3 if i else 2)

class Endless:
    def __len__(self):
        return 5
    def take(self, indices):
        return Batch({"x": np.ones((len(indices), 2), np.float32)}, None)

instance = Squares(4)
unlabelled = np.arange(12).reshape(4, 3)

def arrays(path):
    rows = json.load(open(path))
    return ArraySamples({"x": np.array(rows, float)}, np.arange(len(rows)) % 3)

def broken():
    raise RuntimeError("no database")

def nothing():
    return None

def empty():
    return Squares(0)
"""


@pytest.fixture
def code(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CODE)
    (tmp_path / "rows.json").write_text("[[1, 2], [3, 4], [5, 6], [7, 8]]")


class TestPython(DataContract):
    operator = PythonDataset

    def good_params(self):
        return {"source": "mine.py:arrays", "files": {"path": "rows.json"}, "take": 3}

    def prepare(self, folder: Path):
        (folder / "mine.py").write_text(CODE)
        (folder / "rows.json").write_text("[[1, 2], [3, 4], [5, 6], [7, 8]]")

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}

    # The reference holds the code's absolute path: data is referred to, not stored.
    test_two_runs_make_the_same = None


@pytest.mark.usefixtures("code")
def test_a_torch_like_dataset_is_described_and_read(plan_data, open_data):
    facts = plan_data(PythonDataset, source="mine.py:Squares", args={"count": 6}, split="test")
    assert (facts.count, facts.classes, facts.split) == (6, 2, "test")
    assert str(facts.inputs[0]) == "x: [N, 1, 2, 2] float32"
    batch = open_data(PythonDataset, source="mine.py:Squares", args={"count": 6}).take([5, 2])
    assert batch.inputs["x"][:, 0, 0, 0].tolist() == [25.0, 4.0]
    assert batch.labels.tolist() == [1, 0]


@pytest.mark.usefixtures("code")
def test_a_function_gives_arrays_read_from_a_file_of_the_recipe(plan_data, open_data):
    params = {"source": "mine.py:arrays", "files": {"path": "rows.json"}}
    assert plan_data(PythonDataset, **params).classes == 3
    assert open_data(PythonDataset, **params).take([3]).inputs["x"].tolist() == [[7.0, 8.0]]


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    ("source", "inputs", "classes"),
    [
        ("mine.py:instance", ["x: [N, 1, 2, 2] float32"], 2),
        ("mine.py:Mapped", ["a: [N, 2] int64", "b: [N] float32"], 2),
        ("mine.py:Bare", ["x: [N, 3] float32"], None),
        ("mine.py:Endless", ["x: [N, 2] float32"], None),
        ("mine.py:unlabelled", ["x: [N, 3] int64"], None),
    ],
)
def test_forms_that_a_dataset_may_have(source, inputs, classes, plan_data, open_data):
    facts = plan_data(PythonDataset, source=source)
    assert [str(spec) for spec in facts.inputs] == inputs
    assert facts.classes == classes
    assert len(open_data(PythonDataset, source=source).take([0, 1]).inputs) == len(inputs)


def test_labels_in_a_dataset_that_does_not_count_its_classes_leave_them_unknown(
    tmp_path, plan_data
):
    (tmp_path / "mine.py").write_text(CODE.replace("classes =", "names ="))
    assert plan_data(PythonDataset, source="mine.py:Squares").classes is UNKNOWN
    assert plan_data(PythonDataset, source="mine.py:Squares", classes=2).classes == 2


@pytest.mark.usefixtures("code")
@pytest.mark.parametrize(
    ("params", "place", "says"),
    [
        ({"source": "mine.py:broken"}, "source", "no database"),
        ({"source": "mine.py:nothing"}, "source", "NoneType"),
        ({"source": "mine.py:empty"}, "source", "no samples"),
        ({"source": "mine.py:Squares", "args": {"size": 1}}, "source", "size"),
        ({"source": "mine.py:instance", "args": {"count": 1}}, "args", "no arguments"),
        ({"source": "mine.py:Bare", "classes": 2}, "classes", "no labels"),
        (
            {"source": "mine.py:arrays", "files": {"path": "rows.json"}, "classes": 2},
            "classes",
            "label 2",
        ),
    ],
)
def test_mistakes_are_named_at_their_parameter(params, place, says, plan_data):
    with pytest.raises(OperatorError, match=says) as raised:
        plan_data(PythonDataset, **params)
    assert raised.value.at == (place,)


@pytest.mark.usefixtures("code")
def test_items_of_different_shapes_are_an_error(open_data):
    samples = open_data(PythonDataset, source="mine.py:Ragged")
    with pytest.raises(OperatorError, match="different shapes"):
        samples.take([0, 1])


@pytest.mark.usefixtures("code")
def test_without_a_version_the_plan_says_what_it_cannot_see(tmp_path):
    def effects(**params):
        operator = PythonDataset(PythonDataset.params.model_validate(params))
        return operator.plan({}, AlonePlanContext(tmp_path)).effects

    (said,) = effects(source="mine.py:Squares")
    assert "state a `version`" in said
    assert effects(source="mine.py:Squares", version="2024-05") == ()


def test_a_function_of_an_installed_module_may_give_two_arrays(plan_data, open_data):
    params = {"source": "sklearn.datasets:load_iris", "args": {"return_X_y": True}}
    facts = plan_data(PythonDataset, **params)
    assert (facts.count, facts.classes) == (150, 3)
    batch = open_data(PythonDataset, **params).take([149])
    assert batch.inputs["x"].shape == (1, 4)
    assert batch.labels.tolist() == [2]


def test_labels_that_are_no_classes_are_refused(plan_data):
    with pytest.raises(OperatorError, match="labels of dtype float64"):
        plan_data(PythonDataset, source="sklearn.datasets:load_diabetes", args={"return_X_y": True})
