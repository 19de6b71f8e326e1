"""What a person sees who writes a recipe in an editor. `‸` is the cursor."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "recipes").glob("*.yaml"))
SCHEMA = "# yaml-language-server: $schema=recipe.v1.schema.json\n"
HEAD = f"{SCHEMA}apiVersion: recipec/v1\nname: mine\n"
MODEL = "model: {uses: torch.model, with: {builder: 'model.py:Net'}}\n"


def offered(editor, text):
    """What is offered at the cursor, by label; of two with one label, the one that comes first."""
    items = {}
    for item in editor.completions(text):
        items.setdefault(item["label"], item)
    return items


def stage(text):
    return f"{HEAD}{MODEL}stages:\n  - id: a\n{text}"


def explained(item):
    said = item["documentation"]
    return said if isinstance(said, str) else said["value"]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_a_recipe_of_the_repository(editor, path):
    first, rest = path.read_text().split("\n", 1)
    assert first.startswith("# yaml-language-server: $schema=")
    assert editor.diagnostics(SCHEMA + rest) == []


@pytest.mark.parametrize(
    ("text", "some", "other"),
    [
        ("model:\n  uses: ‸\n", {"torch.model"}, {"prune.channels", "data.idx"}),
        (f"{MODEL}data:\n  train:\n    uses: ‸\n", {"data.idx", "data.random"}, {"train.fit"}),
        (f"{MODEL}stages:\n  - id: a\n    uses: ‸\n", {"prune.channels"}, {"data.idx"}),
        (f"{MODEL}stages:\n  - {{id: a, uses: ‸}}\n", {"train.fit"}, {"measure.size"}),
    ],
)
def test_uses_offers_the_operators_of_its_place(editor, text, some, other):
    items = offered(editor, HEAD + text)
    assert some <= items.keys()
    assert not other & items.keys()


def test_an_offered_operator_says_what_it_does(editor):
    items = offered(editor, stage("    uses: ‸\n"))
    assert explained(items["tensorrt.build"]) == "Build a TensorRT engine from an ONNX model."


def test_with_offers_the_parameters_of_the_operator(editor):
    items = offered(editor, stage("    uses: quantize.static\n    with:\n      ‸\n"))
    assert {"target", "calibration", "observer"} <= items.keys()
    assert "opset" not in items
    assert items["target"]["insertText"] == "target: ${1:cpu}"
    assert "Default: cpu." in explained(items["target"])


def test_a_nested_parameter_is_offered(editor):
    text = "    uses: quantize.static\n    with:\n      calibration:\n        ‸\n"
    items = offered(editor, stage(text))
    assert items.keys() == {"data", "samples", "batch_size"}


def test_the_kind_of_an_optimizer_decides_what_else_is_offered(editor):
    text = "    uses: train.fit\n    with:\n      optimizer:\n        name: {}\n        ‸\n"
    assert "betas" in offered(editor, stage(text.format("adam")))
    assert "betas" not in offered(editor, stage(text.format("sgd")))
    named = "    uses: train.fit\n    with:\n      optimizer:\n        name: ‸\n"
    assert {"sgd", "adam", "adamw"} <= offered(editor, stage(named)).keys()


def test_words_are_offered_as_values(editor):
    text = "    uses: prune.channels\n    with:\n      importance: ‸\n"
    assert {"l1", "l2"} <= offered(editor, stage(text)).keys()


def test_a_whole_stage_is_offered_with_what_it_needs(editor):
    items = offered(editor, f"{HEAD}{MODEL}stages:\n  - ‸\n")
    body = "id: ${1:quantize}\n  uses: quantize.static\n  with:\n    calibration:\n      data: $2"
    assert items["quantize.static"]["insertText"] == body


def test_no_whole_stage_is_offered_where_there_is_one(editor):
    items = offered(editor, stage("    uses: quantize.static\n    ‸\n"))
    assert {"with", "needs"} <= items.keys()
    assert "quantize.static" not in items


def test_metrics_are_offered_and_so_are_their_options(editor):
    names = offered(editor, f"{HEAD}{MODEL}measure:\n  metrics: [‸]\n")
    assert names.keys() >= {"size", "accuracy", "latency"}
    options = offered(editor, f"{HEAD}{MODEL}measure:\n  metrics:\n    - latency:\n        ‸\n")
    assert {"batch", "runs"} <= options.keys()


def test_hovering_over_a_parameter_shows_meaning_range_and_default(editor):
    text = (ROOT / "recipes" / "seven-steps.yaml").read_text().split("\n", 1)[1]
    shown = editor.hover(SCHEMA + text.replace("round_to:", "‸round_to:"))
    assert shown.startswith("#### prune.channels\n\nThe channels of a group that stay are")
    assert "A whole number ≥ 1. Default: 8." in shown


def test_hovering_over_an_operator_shows_what_it_does(editor):
    shown = editor.hover(stage("    uses: ‸tensorrt.build\n"))
    assert "Build a TensorRT engine from an ONNX model." in shown


def test_hovering_over_a_metric_shows_what_it_is(editor):
    assert "Samples per second." in editor.hover(f"{HEAD}measure: {{metrics: [‸throughput]}}\n")


MISTAKES = [
    ("epochs: 12", "epohcs: 12", "epohcs", "Property epohcs is not allowed."),
    ("round_to: 8", "round_to: 0", "0", "Value is below the minimum of 1."),
    (
        "round_to: 8",
        "round_to: eight",
        "eight",
        "This should be a whole number ≥ 1, or a look-up such as ${vars.NAME}.",
    ),
    ("target: cpu", "target: gpu", "gpu", 'Valid values: "cpu", "tensorrt".'),
    ("uses: torch.model", "uses: torch.modle", "torch.modle", '"torch.model"'),
    ("uses: prune.channels", "uses: data.idx", "data.idx", '"prune.channels"'),
    ("max_drop: 1pp", "max_drop: 1", "1", "This should be"),
    ("name: seven-steps", "nam: seven-steps", "nam", "Property nam is not allowed."),
    ("metrics: [size,", "metrics: [sise,", "sise", "This should be one of accuracy,"),
    ("calibration: {data: train,", "calibration: {", "calibration", 'Missing property "data".'),
]


@pytest.mark.parametrize(("old", "new", "marked", "message"), MISTAKES)
def test_a_mistake_is_marked_where_it_is(editor, old, new, marked, message):
    text = SCHEMA + (ROOT / "recipes" / "seven-steps.yaml").read_text().split("\n", 1)[1]
    assert old in text
    before, _, after = text.partition(old)
    found = editor.diagnostics(before + new + after)
    line = before.count("\n") + 1
    here = [mark for mark in found if (mark.line, mark.text) == (line, marked)]
    assert any(message in mark.message for mark in here)
    # A key that is missing because it is misspelt is told as well, at the mapping that lacks it.
    assert all("Missing property" in mark.message for mark in found if mark not in here)


def test_a_recipe_that_extends_another_need_not_be_whole(editor):
    text = f"{HEAD}extends: base.yaml\nstages:\n  - {{id: prune, with: {{amount: 0.3}}}}\n"
    assert editor.diagnostics(text) == []
    assert "remove" in offered(editor, f"{HEAD}extends: base.yaml\nstages:\n  - id: prune\n    ‸\n")
