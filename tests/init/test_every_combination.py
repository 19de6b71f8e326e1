"""Every recipe that `recipec init` can write is valid, and fits the schema of editors."""

from itertools import product

import pytest
from jsonschema import Draft202012Validator

from recipec.compiler import validate_recipe
from recipec.diagnostics import UsageError
from recipec.init import Wish, compose, find_offers, model_named
from recipec.recipe import parse_recipe
from recipec.registry import discover
from recipec.schema import recipe_schema
from recipec.source import read_document

CATALOG = discover()
OFFERS = find_offers(CATALOG)
GOALS = [{"smaller"}, {"faster"}, {"smaller", "faster"}]
MODELS = ["resnet", "resnet18", "model.py:Net"]
WEIGHTS = [None, "weights.safetensors"]
COMBINATIONS = list(product(MODELS, WEIGHTS, OFFERS.data, OFFERS.targets))


@pytest.fixture(scope="module")
def editor():
    return Draft202012Validator(recipe_schema(CATALOG))


@pytest.fixture
def folder(tmp_path):
    for name in ("model.py", "weights.safetensors", "file", "code.py"):
        (tmp_path / name).touch()
    return tmp_path


def wish(model, weights, data, target, goals):
    part, code = model_named(model, OFFERS.models)
    asked = OFFERS.data[data].questions
    return Wish(
        name="mine",
        model=part,
        built_by=code,
        data=OFFERS.data[data],
        target=target,
        goals=frozenset(goals),
        weights=weights,
        shape=("N", 3, 32, 32),
        answers={q.name: "code.py:data" if "source" in q.name else "file" for q in asked},
    )


def nothing_to_do(data, target):
    """What isn't labelled isn't pruned, and nothing quantizes what stays in torch."""
    return target == "torch" and not OFFERS.data[data].labelled


@pytest.mark.parametrize(("model", "weights", "data", "target"), COMBINATIONS)
def test_a_recipe_is_valid(model, weights, data, target, folder, editor):
    for goals in GOALS:
        asked = wish(model, weights, data, target, goals)
        if nothing_to_do(data, target):
            with pytest.raises(UsageError, match="nothing that is installed makes"):
                compose(asked, OFFERS, "s.json", "r.yaml")
            continue
        text = compose(asked, OFFERS, "s.json", "r.yaml")
        recipe = parse_recipe(text.encode(), "r.yaml", folder)
        validate_recipe(recipe, catalog=CATALOG)
        assert list(editor.iter_errors(read_document(text, "r.yaml").value)) == []
        metrics = {gate.metric for gate in recipe.spec.gates}
        assert ("size.disk" in metrics) is ("smaller" in goals)
        assert ("latency.p50@batch=1" in metrics) is ("faster" in goals)


@pytest.mark.parametrize(("model", "weights", "data", "target"), COMBINATIONS)
def test_what_is_commented_out_is_valid_too(model, weights, data, target, folder):
    if nothing_to_do(data, target):
        return
    text = compose(wish(model, weights, data, target, GOALS[2]), OFFERS, "s.json", "r.yaml")
    (folder / "model.safetensors").touch()
    lines = []
    for line in text.splitlines():
        inside, hash, rest = line.partition("# ")
        name = rest.partition(":")[0]
        parameter = hash and not inside.strip() and inside and name.isidentifier() and ": " in rest
        lines.append(inside + rest if parameter else line)
    assert lines != text.splitlines()
    recipe = parse_recipe("\n".join(lines).encode(), "r.yaml", folder)
    validate_recipe(recipe, catalog=CATALOG)


def test_the_first_line_is_the_schema_of_editors_and_every_block_has_a_comment():
    text = compose(
        wish("resnet", None, "data.idx", "tensorrt", GOALS[2]), OFFERS, "s.json", "r.yaml"
    )
    lines = text.splitlines()
    assert lines[0] == "# yaml-language-server: $schema=s.json"
    blocks = text.split("\n\n")
    assert all(block.lstrip().startswith("#") for block in blocks)
    assert max(map(len, lines)) <= 100


def test_what_is_compared_is_converted_alike(folder):
    text = compose(
        wish("resnet", None, "data.idx", "tensorrt", GOALS[2]), OFFERS, "s.json", "r.yaml"
    )
    spec = parse_recipe(text.encode(), "r.yaml", folder).spec
    assert [stage.id for stage in spec.stages] == [
        "trained", "prune", "retrain", "int8", "onnx", "engine", "onnx-original", "engine-original",
    ]  # fmt: skip
    assert spec.stages[-2].needs == "trained"
    assert spec.baseline == "engine-original"
    against = {gate.metric: (gate.stage, gate.against) for gate in spec.gates}
    assert against["accuracy"] == ("onnx", "onnx-original")
    assert against["size.disk"] == ("engine", None)


def test_with_weights_it_is_not_trained_first(folder):
    text = compose(
        wish("resnet", "weights.safetensors", "data.digits", "onnxruntime", GOALS[0]),
        OFFERS,
        "s.json",
        "r.yaml",
    )
    stages = parse_recipe(text.encode(), "r.yaml", folder).spec.stages
    assert [stage.id for stage in stages] == ["prune", "retrain", "int8", "onnx", "onnx-original"]


@pytest.mark.parametrize("name", ["1e3", "no", "a: b", "it's", "#1", "0o17", "ü/a b.npz"])
def test_a_file_may_have_any_name(name):
    asked = wish("resnet", None, "data.npz", "torch", GOALS[0])
    asked = asked.__class__(**{**vars(asked), "answers": {"train-file": name, "test-file": name}})
    document = read_document(compose(asked, OFFERS, "s.json", "r.yaml"), "r.yaml")
    assert document.value["data"]["test"]["with"]["file"] == name
