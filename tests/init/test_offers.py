"""What plugins offer for new recipes, and what they may not."""

import pytest

from recipec.api.recipe_parts import StagePart
from recipec.diagnostics import UsageError
from recipec.init import find_offers
from recipec.init.fill import Missing, fill, places


def test_parts_are_those_of_plugins(toys):
    offers = find_offers(toys)
    assert list(offers.models) == ["toys.model"]
    assert list(offers.targets) == ["paper"]


def test_a_part_that_uses_what_is_not_there_is_told_with_its_plugin(toys, monkeypatch):
    part = StagePart(uses="toys.gone", id="gone", step="shrink", comment="Gone.")
    monkeypatch.setattr("toys.recipe_parts.PARTS", [part])
    with pytest.raises(UsageError, match=r"'toys' offers a recipe with 'toys\.gone'"):
        find_offers(toys)


def test_a_plugin_that_fails_is_told(toys, monkeypatch):
    monkeypatch.delattr("toys.recipe_parts.PARTS")
    with pytest.raises(UsageError, match="recipec_recipe_parts of plugin 'toys' raised"):
        find_offers(toys)


def test_answers_are_put_in_with_their_types_or_into_a_text():
    params = {"shape": ["{shape}"], "file": "data/{file}.npz", "n": 3}
    filled = fill(params, {"shape": [1, 2], "file": "a"})
    assert filled == {"shape": [[1, 2]], "file": "data/a.npz", "n": 3}


def test_what_was_left_out_goes_with_its_key():
    assert fill({"input": {"x": "{shape?}"}, "n": 3}, {"shape": None}) == {"n": 3}


def test_what_is_missing_is_named():
    assert places({"a": ["{b}", {"c": "{d?}"}]}) == {"b"}
    with pytest.raises(Missing, match="b"):
        fill({"a": "{b}"}, {})
