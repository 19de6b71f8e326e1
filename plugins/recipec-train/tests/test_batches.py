"""Batches: every sample once per epoch, in an order that only seed and epoch decide."""

import pytest

from recipec.api.training.length import Length
from recipec.api.training.streams import stream_seed


@pytest.mark.parametrize(
    ("count", "batch", "per_epoch"), [(64, 32, 2), (65, 32, 2), (66, 32, 3), (1, 32, 1), (5, 1, 5)]
)
def test_a_rest_of_one_sample_is_left_out(count, batch, per_epoch):
    assert Length.of(3, None, batch, count) == Length(3, 3 * per_epoch, per_epoch)


def test_steps_may_end_within_an_epoch():
    length = Length.of(None, 7, 32, 100)
    assert length == Length(2, 7, 4)
    assert [length.steps_in(epoch) for epoch in range(2)] == [4, 3]


def test_streams_differ_by_seed_epoch_and_purpose():
    seeds = {stream_seed(s, e, p) for s in range(9) for e in range(9) for p in ("order", "augment")}
    assert len(seeds) == 162


@pytest.mark.frameworks
def test_an_order_holds_every_sample_once_and_changes_every_epoch():
    from recipec.api.training._batches import sample_order

    first, second = sample_order(0, 0, 500), sample_order(0, 1, 500)
    assert sorted(first.tolist()) == list(range(500))
    assert (first != second).float().mean() > 0.9
    assert (first == sample_order(0, 0, 500)).all()


@pytest.mark.parametrize(("batch", "count"), [(32, 100), (32, 97), (32, 96), (7, 5), (1, 3)])
@pytest.mark.parametrize("steps", [1, 3, 4, 9])
def test_the_samples_of_all_steps_are_counted(batch, count, steps):
    length = Length.of(None, steps, batch, count)
    seen = sum(
        min(batch, count - step * batch)
        for epoch in range(length.epochs)
        for step in range(length.steps_in(epoch))
    )
    assert length.samples(batch, count) == seen


@pytest.mark.frameworks
def test_a_pool_reads_each_sample_from_its_source_in_the_order_asked_for():
    import numpy as np

    from recipec.api import TensorSpec
    from recipec.api.data import ArraySamples
    from recipec.api.training import UNLABELLED, Pool, Reader

    inputs = (TensorSpec(name="x", shape=("N", 1)),)
    first = ArraySamples({"x": np.arange(3, dtype="float32")[:, None]}, np.array([7, 8, 9]))
    rest = ArraySamples({"x": np.arange(3, 8, dtype="float32")[:, None]}, np.array([1] * 5))
    pool = Pool([Reader(first, inputs, 10), Reader(rest, inputs, 10, labelled=False)])
    assert len(pool) == 8
    (x,), labels = pool.read([6, 0, 3, 2, 7])
    assert x.flatten().tolist() == [6, 0, 3, 2, 7]
    assert labels.tolist() == [UNLABELLED, 7, UNLABELLED, 9, UNLABELLED]
    (x,), labels = pool.read(np.array([1]))
    assert (x.item(), labels.item()) == (1, 8)
