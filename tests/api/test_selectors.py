"""One grammar chooses layers by name, regular expression or type."""

import pytest

from recipec.api import Layer, LayerTable, OperatorError
from recipec.api.selectors import choose, select

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
    assert [layer.name for layer in choose(TABLE, include, exclude)] == chosen


def test_a_selector_that_matches_nothing_is_an_error_that_names_the_layers():
    with pytest.raises(OperatorError, match="'layr1' matches no layer") as caught:
        select(TABLE, ["fc", "layr1"], at=("layers",))
    assert caught.value.at == ("layers", 1)
    assert "stem.conv (Conv2d)" in caught.value.hint


def test_a_bad_regular_expression_is_an_error():
    with pytest.raises(OperatorError, match="not a regular expression"):
        select(TABLE, ["re:("])
