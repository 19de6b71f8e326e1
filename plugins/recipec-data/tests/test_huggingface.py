"""`data.huggingface`: datasets of that library, saved here, become samples."""

from pathlib import Path

import pytest

from recipec.api import UNKNOWN, OperatorError
from recipec.testing import AlonePlanContext, BarePlanContext, DataContract
from recipec_data.huggingface import HuggingFace

from .word_tokens import WORDS, save_tokenizer

pytestmark = pytest.mark.frameworks

TEXT = {"tokenizer": "tokenizer.json", "max_length": 4}
IMAGE = {"column": "picture", "size": [6, 6], "channels": 1}


def make(count: int = 10):
    """A dataset with a column of each kind, of class names too."""
    import numpy as np
    from datasets import Array2D, ClassLabel, Dataset, Features, Image, List, Value

    random = np.random.default_rng(0)
    features = Features(
        {
            "picture": Image(),
            "words": Value("string"),
            "vector": List(Value("float64"), length=3),
            "grid": Array2D((2, 3), "float32"),
            "number": Value("int32"),
            "mood": ClassLabel(names=["bad", "good", "none"]),
            "raw": Value("int64"),
            "ragged": List(Value("int64")),
        }
    )
    rows = {
        "picture": [random.integers(0, 256, (8, 10, 3), np.uint8) for _ in range(count)],
        "words": ["a good day", "very bad"] * (count // 2),
        "vector": random.standard_normal((count, 3)).tolist(),
        "grid": random.standard_normal((count, 2, 3)).astype(np.float32),
        "number": list(range(count)),
        "mood": [row % 2 for row in range(count)],
        "raw": [row % 4 for row in range(count)],
        "ragged": [[1] * (1 + row % 2) for row in range(count)],
    }
    return Dataset.from_dict(rows, features=features)


@pytest.fixture(autouse=True)
def files(tmp_path):
    make().save_to_disk(tmp_path / "saved")
    save_tokenizer(tmp_path / "tokenizer.json")


class TestHuggingFace(DataContract):
    operator = HuggingFace

    def good_params(self):
        return {"dataset": "saved", "image": IMAGE, "labels": "mood"}

    def prepare(self, folder: Path):
        make().save_to_disk(folder / "saved")

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}

    # The reference holds the folder's absolute path: data is referred to, not stored.
    test_two_runs_make_the_same = None


def test_every_kind_of_column_can_be_an_input(plan_data, open_data):
    params = {
        "dataset": "saved",
        "image": {**IMAGE, "input": "pixels"},
        "text": {"column": "words", **TEXT},
        "arrays": {"v": "vector", "g": "grid", "n": "number"},
        "labels": "mood",
    }
    facts = plan_data(HuggingFace, **params)
    assert (facts.count, facts.classes) == (10, 3)
    assert {str(spec) for spec in facts.inputs} == {
        "pixels: [N, 1, 6, 6] float32",
        "input_ids: [N, 4] int64",
        "attention_mask: [N, 4] int64",
        "v: [N, 3] float32",
        "g: [N, 2, 3] float32",
        "n: [N] int64",
    }
    import numpy as np

    batch = open_data(HuggingFace, **params).take([7, 2])
    assert batch.labels.tolist() == [1, 0]
    assert batch.inputs["n"].tolist() == [7, 2]
    a, good, day = map(WORDS.index, ("a", "good", "day"))
    assert batch.inputs["input_ids"][1].tolist() == [a, good, day, 0]
    whole = make()
    np.testing.assert_allclose(batch.inputs["v"], [whole[7]["vector"], whole[2]["vector"]], 1e-6)
    np.testing.assert_array_equal(batch.inputs["g"][0], np.float32(whole[7]["grid"]))


def test_pictures_are_converted_as_those_of_a_folder_are(tmp_path, open_data):
    import numpy as np

    from recipec_data.image_folder import ImageFolder

    (tmp_path / "pictures").mkdir()
    for row, one in enumerate(make()):
        one["picture"].save(tmp_path / "pictures" / f"{row}.png")
    look = {"size": [6, 6], "mean": [0.1, 0.2, 0.3], "std": [0.5]}
    ours = open_data(HuggingFace, dataset="saved", image={"column": "picture", **look})
    theirs = open_data(ImageFolder, folder="pictures", labels=False, **look)
    np.testing.assert_array_equal(
        ours.take(range(10)).inputs["x"], theirs.take(range(10)).inputs["x"]
    )


def test_a_dictionary_of_splits_and_a_folder_of_files_are_loaded_too(tmp_path, open_data):
    from datasets import DatasetDict

    whole = make()
    DatasetDict({"train": whole, "test": whole.select(range(4))}).save_to_disk(tmp_path / "splits")
    (tmp_path / "files").mkdir()
    whole.select(range(6)).select_columns(["number", "raw"]).to_csv(tmp_path / "files/test.csv")
    for dataset, count in (("splits", 4), ("files", 6)):
        samples = open_data(
            HuggingFace, dataset=dataset, dataset_split="test", arrays={"n": "number"}, labels="raw"
        )
        assert len(samples) == count
        assert samples.take([3]).labels.tolist() == [3]


def test_classes_of_whole_numbers_are_counted(plan_data):
    params = {"dataset": "saved", "arrays": {"n": "number"}}
    assert plan_data(HuggingFace, labels="raw", **params).classes == 4
    assert plan_data(HuggingFace, labels="raw", classes=9, **params).classes == 9
    assert plan_data(HuggingFace, **params).classes is None


def test_parts_are_drawn_and_never_overlap(plan_data, open_data):
    found = []
    for split, count in (("train", 7), ("validation", 3)):
        params = {"dataset": "saved", "arrays": {"n": "number"}, "split": split, "holdout": 3}
        assert plan_data(HuggingFace, **params).count == count
        found += open_data(HuggingFace, **params).take(range(count)).inputs["n"].tolist()
    assert sorted(found) == list(range(10))


def test_only_a_commit_on_the_hub_says_what_it_holds(tmp_path):
    for name, identified in (("hub:acme/set@main", False), (f"hub:acme/set@{'0a' * 20}", True)):
        given = {"dataset": name, "arrays": {"n": "number"}}
        operator = HuggingFace(HuggingFace.params.model_validate(given))
        assert operator.identified is identified
        assert len(operator.plan({}, BarePlanContext(tmp_path)).warnings) == (not identified)


def test_without_the_library_nothing_is_known(tmp_path):
    given = {"dataset": "saved", "arrays": {"n": "number"}}
    operator = HuggingFace(HuggingFace.params.model_validate(given))
    assert operator.plan({}, BarePlanContext(tmp_path)).outputs["samples"].count is UNKNOWN


def test_a_hub_that_is_not_reached_is_one_error(tmp_path, monkeypatch):
    import datasets.config
    import huggingface_hub.constants

    for module in (huggingface_hub.constants, datasets.config):
        monkeypatch.setattr(module, "HF_HUB_OFFLINE", True)
    given = {"dataset": "hub:acme/nowhere", "arrays": {"n": "number"}}
    operator = HuggingFace(HuggingFace.params.model_validate(given))
    with pytest.raises(OperatorError, match="acme/nowhere can't be loaded") as raised:
        operator.plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == ("dataset",)


@pytest.mark.parametrize(
    ("params", "message", "at"),
    [
        ({"arrays": {}}, "no column is an input", ()),
        ({"arrays": {"n": "nummer"}}, "no column 'nummer'", ("arrays", "n")),
        ({"arrays": {"n": "words"}}, "'words' holds no numbers", ("arrays", "n")),
        ({"image": {**IMAGE, "column": "pic"}}, "no column 'pic'", ("image", "column")),
        ({"image": {**IMAGE, "column": "words"}}, "not pictures", ("image", "column")),
        ({"image": {**IMAGE, "mean": [1, 2]}}, "2 numbers for 1 channels", ("image", "mean")),
        ({"text": {"column": "number", **TEXT}}, "is int32, not texts", ("text", "column")),
        (
            {"text": {"column": "words", **TEXT, "tokenizer": "folder"}},
            "has no tokenizer.json",
            ("text", "tokenizer"),
        ),
        ({"labels": "class"}, "no column 'class'", ("labels",)),
        ({"labels": "words"}, "is string, not a column of class labels", ("labels",)),
        ({"labels": "vector"}, "not a column of class labels", ("labels",)),
        ({"labels": "raw", "classes": 3}, "there is the label 3", ("classes",)),
        ({"classes": 3}, "the rows have no labels", ("classes",)),
        ({"dataset": "folder"}, "folder can't be loaded", ("dataset",)),
        ({"dataset_split": "test"}, "saved holds rows, and no splits", ("dataset_split",)),
        ({"dataset": "splits", "dataset_split": "test"}, "no split 'test'", ("dataset_split",)),
        ({"dataset": "package:json/none"}, "json has no 'none'", ("dataset",)),
    ],
)
def test_what_is_wrong_has_its_place(params, message, at, tmp_path):
    from datasets import DatasetDict

    (tmp_path / "folder").mkdir()
    DatasetDict({"train": make(2)}).save_to_disk(tmp_path / "splits")
    given = {"dataset": "saved", "arrays": {"n": "number"}, **params}
    operator = HuggingFace(HuggingFace.params.model_validate(given))
    with pytest.raises(OperatorError, match=message) as raised:
        operator.plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == at
    assert str(tmp_path) not in raised.value.message


def test_rows_of_different_shapes_are_an_error_when_they_are_read(open_data):
    samples = open_data(HuggingFace, dataset="saved", arrays={"n": "ragged"})
    with pytest.raises(OperatorError, match="rows of different shapes") as raised:
        samples.take([0, 1])
    assert raised.value.at == ("arrays", "n")
