"""One grammar chooses layers by name, regular expression or type."""

import pytest
from pydantic import Field, ValidationError
from pydantic_core import PydanticCustomError

from recipec.api import Layer, LayerTable, OperatorError, Params
from recipec.api.selectors import Selectors, choose, matcher, select

TABLE = LayerTable(
    layers=tuple(
        Layer(name=name, type=type, tensors=())
        for name, type in [
            ("stem.conv", "Conv2d"),
            ("stem.bn", "BatchNorm2d"),
            ("layer1.0.conv", "Conv2d"),
            ("layer2.0.conv", "Conv2d"),
            ("fc", "Linear"),
        ]
    )
)


@pytest.mark.parametrize(
    ("include", "exclude", "chosen"),
    [
        ([], [], ["stem.conv", "stem.bn", "layer1.0.conv", "layer2.0.conv", "fc"]),
        (["layer*"], [], ["layer1.0.conv", "layer2.0.conv"]),
        (["*.conv"], ["layer1.*"], ["stem.conv", "layer2.0.conv"]),
        (["re:layer[1].*"], [], ["layer1.0.conv"]),
        (["type:Conv2d", "fc"], ["stem.*"], ["layer1.0.conv", "layer2.0.conv", "fc"]),
        (["type:*Norm*"], [], ["stem.bn"]),
    ],
)
def test_selection(include, exclude, chosen):
    selection = choose(TABLE, include, exclude)
    assert [layer.name for layer in selection.layers] == chosen
    assert selection.names == set(chosen)


def test_what_matched_is_told_for_each_parameter_that_is_stated():
    chosen = choose(TABLE, ["layer*"], ["layer2.*"])
    assert chosen.matched == {
        "include": ("layer1.0.conv", "layer2.0.conv"),
        "exclude": ("layer2.0.conv",),
    }
    assert choose(TABLE).matched == {}
    assert choose(TABLE, exclude=["fc"], at=("calibration",)).matched == {
        "calibration.exclude": ("fc",)
    }


@pytest.mark.parametrize(
    ("selector", "hint"),
    [
        ("layr1.*", "did you mean 'layer1.*'?"),
        ("layer1", "did you mean 'layer1.*'?"),  # a block
        ("Layer1.*", "did you mean 'layer1.*'?"),
        ("stem.cnv", "did you mean 'stem.conv'?"),
        ("layer1.0.conv1", "did you mean 'layer1.0.conv'?"),
        ("conv", "did you mean '*.conv'?"),
        ("Conv2d", "did you mean 'type:Conv2d'?"),
        ("type:Conv2D", "did you mean 'type:Conv2d'?"),
        ("type:conv*", "did you mean 'type:Conv*'?"),
        ("type:Linera", "did you mean 'type:Linear'?"),
        ("type:fc", "did you mean 'fc'?"),
        ("re:conv", "did you mean 're:.*conv.*'?"),
        ("re:LAYER1", "did you mean 're:(?i).*LAYER1.*'?"),
        ("quux", "layers: stem.conv (Conv2d)"),
        ("type:Quux", "types: Conv2d, BatchNorm2d, Linear"),
    ],
)
def test_a_selector_that_matches_nothing_is_an_error_with_the_nearest_that_does(selector, hint):
    with pytest.raises(OperatorError, match="matches no layer") as caught:
        select(TABLE, ["fc", selector], at=("layers",))
    assert caught.value.at == ("layers", 1)
    assert caught.value.hint.startswith(hint)


def test_the_nearest_one_matches_something():
    for selector in ["layr1.*", "Layer2*", "conv", "type:conv*", "re:bn", "stm.bn", "*.cnov"]:
        with pytest.raises(OperatorError) as caught:
            select(TABLE, [selector])
        meant = caught.value.hint.split("'")[1]
        assert select(TABLE, [meant]), meant


def test_all_selectors_that_match_nothing_are_told_at_once():
    with pytest.raises(OperatorError) as caught:
        choose(TABLE, ["fc", "a1"], ["b1", "b2"])
    problems = [caught.value, *caught.value.more]
    assert [problem.at for problem in problems] == [
        ("include", 1),
        ("exclude", 0),
        ("exclude", 1),
    ]


def test_excluding_all_is_an_error():
    with pytest.raises(OperatorError, match="no layer is left") as caught:
        choose(TABLE, ["layer*"], ["type:Conv2d"])
    assert caught.value.at == ("exclude",)


@pytest.mark.parametrize(
    ("selector", "message", "hint"),
    [
        ("re:(", "unclosed group at character 4", ""),
        ("re:layer[", "unclosed character class at character 9", ""),
        ("re:a(?!b)", "look-around is not supported at character 5", "`exclude` takes layers out"),
        (r"re:(a)\1", "back-references are not supported at character 7", ""),
        ("re:(?x)a # b", "it ends in a comment", ""),
        ("re:a{1000}{1000}", "it stands for too many names", ""),
        ("re:", "'re:' selects nothing", "a glob"),
        ("type: ", "'type: ' selects nothing", "a glob"),
        ("", "can't be empty", "a glob"),
        ("regex:conv", "'regex:' is no kind of selector", "did you mean 're:conv'?"),
        ("tpye:Conv2d", "'tpye:' is no kind of selector", "did you mean 'type:Conv2d'?"),
        ("Type:Conv2d", "'Type:' is no kind of selector", "did you mean 'type:Conv2d'?"),
        ("glob:conv*", "'glob:' is no kind of selector", "did you mean 'conv*'?"),
        ("x" * 201, "200 characters at most", ""),
    ],
)
def test_text_that_is_no_selector_is_refused_in_words(selector, message, hint):
    with pytest.raises(PydanticCustomError) as caught:
        matcher(selector)
    assert message in caught.value.message()
    assert hint in ((caught.value.context or {}).get("hint") or "")
    with pytest.raises(OperatorError):
        select(TABLE, [selector])
    with pytest.raises(ValidationError):
        Chosen.model_validate({"layers": [selector]})


def test_names_may_have_a_colon():
    layer = Layer(name="onnx::Conv_12", type="Conv", tensors=())
    assert select([layer], ["onnx::Conv*"]) == (layer,)


class Chosen(Params):
    layers: Selectors = Field(default=(), description="Layers.")


def test_selectors_describe_themselves_to_editors():
    schema = Chosen.model_json_schema()["properties"]["layers"]
    assert schema["items"]["examples"]
    assert "glob" in schema["items"]["description"]


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+$",
        "(a|a)*b",
        "(.*)*(.*)*(.*)*x",
        r"(\w+\.)*(\w+\.)*(\w+\.)*!",
        r"((\w*.*(a*)?)?)+" * 5,
        "(a?){50}a{50}",
        r".*(\w|.*)+" * 8,
        "(.{1,100}){1,100}z",
        "(x+x+)+y" * 20,
    ],
)
def test_no_regular_expression_runs_away(text):
    """Against 1,000 layers of 90 letters: what Python's engine would take years for."""
    names = [f"layer{i % 4}.{i}.block.{'a' * 70}" for i in range(1000)]
    layers = [Layer(name=name, type="Conv2d", tensors=()) for name in names]
    try:
        chosen = Chosen.model_validate({"layers": [f"re:{text}"]})
        choose(layers, chosen.layers)
    except (ValidationError, OperatorError):
        pass


def test_what_expressions_cost_together_is_bounded():
    assert Chosen.model_validate({"layers": [r"re:layer\d{1,3}\.\d+\.conv\d"] * 9})
    with pytest.raises(ValidationError, match="too long, or repeat too much"):
        Chosen.model_validate({"layers": ["re:" + ".*a" * 60] * 6})


def test_globs_do_not_run_away():
    layers = [Layer(name="a" * 500, type="Conv2d", tensors=())] * 1000
    with pytest.raises(OperatorError):
        select(layers, ["*a" * 90 + "b", "[a-z]*" * 30 + "!"])
