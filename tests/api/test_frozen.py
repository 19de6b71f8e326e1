"""Immutable data: copies are Pydantic's, only faster, and nothing worked out comes along."""

from functools import cached_property

from pydantic import BaseModel, Field

from recipec.api import Axis, Tensor
from recipec.api.frozen import Frozen, Memoizing
from recipec.api.layers import ChannelShare


class Point(Frozen):
    x: int
    y: int = 0
    labels: dict[str, int] = Field(default_factory=dict)


class Box(Memoizing):
    width: int
    height: int = 1

    @cached_property
    def area(self) -> int:
        return self.width * self.height


def test_a_copy_is_what_pydantic_would_have_made():
    for update in (None, {}, {"x": 5}, {"y": 5}, {"x": 5, "y": 6}):
        one = Point(x=1)
        ours, theirs = one.model_copy(update=update), BaseModel.model_copy(one, update=update)
        assert ours == theirs
        assert ours.model_fields_set == theirs.model_fields_set
        assert hash(Tensor(name="a", shape=(1,), dtype="int8").model_copy(update={"name": "b"}))
        assert ours.model_dump_json() == theirs.model_dump_json()


def test_a_copy_leaves_the_original_as_it_was():
    one = Point(x=1)
    one.model_copy(update={"y": 2})
    assert one == Point(x=1)
    assert one.model_fields_set == {"x"}


def test_a_deep_copy_shares_nothing():
    one = Point(x=1, labels={"a": 1})
    assert one.model_copy().labels is one.labels
    assert one.model_copy(deep=True).labels is not one.labels


def test_what_was_worked_out_stays_behind():
    box = Box(width=3)
    assert box.area == 3
    assert box.model_copy(update={"height": 2}).area == 6
    assert box == Box(width=3)
    assert "area" not in box.model_dump()


def test_a_tensor_whose_zeros_are_unknown_is_shared():
    tensor = Tensor(
        name="w", shape=(4,), dtype="float32", axes=(Axis(dim=0, shares=(ChannelShare(group=0),)),)
    )
    assert tensor.without_zeros() is tensor
    assert tensor.model_copy(update={"zeros": 2}).without_zeros() == tensor
