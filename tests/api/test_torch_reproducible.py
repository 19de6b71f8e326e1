"""Inside, everything random and the number of threads are fixed; outside, nothing has changed."""

import contextlib
import random

import numpy as np
import pytest
import torch

from recipec.api import OperatorError, TensorSpec
from recipec.api.torch import example_inputs, reproducible

pytestmark = pytest.mark.frameworks


def draw():
    return random.random(), float(np.random.rand()), float(torch.rand(1))


def test_the_same_seed_gives_the_same_numbers():
    with reproducible(3, 1):
        first = draw()
    with reproducible(3, 1):
        assert draw() == first
    with reproducible(4, 1):
        assert draw() != first


def test_what_was_before_is_restored():
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(7)
    wanted = draw()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(7)
    threads = torch.get_num_threads()
    with contextlib.suppress(ZeroDivisionError), reproducible(3, threads + 1):
        assert torch.get_num_threads() == threads + 1
        assert torch.are_deterministic_algorithms_enabled()
        draw()
        raise ZeroDivisionError
    assert torch.get_num_threads() == threads
    assert not torch.are_deterministic_algorithms_enabled()
    assert draw() == wanted


def test_example_inputs_follow_their_specification():
    specs = (
        TensorSpec(name="x", shape=("N", 3, 2)),
        TensorSpec(name="ids", shape=("N", 5), dtype="int64"),
    )
    x, ids = example_inputs(specs, batch=4)
    assert (x.shape, x.dtype) == ((4, 3, 2), torch.float32)
    assert (ids.shape, ids.dtype) == ((4, 5), torch.int64)
    assert torch.equal(x, example_inputs(specs, batch=4)[0])
    assert not torch.equal(x, example_inputs(specs, batch=4, seed=1)[0])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (TensorSpec(name="x", shape=("N", "T")), "free dimension 'T'"),
        (TensorSpec(name="x", shape=("N", 1), dtype="float33"), "no dtype 'float33'"),
    ],
)
def test_an_input_that_cannot_be_made_is_an_error(spec, message):
    with pytest.raises(OperatorError, match=message):
        example_inputs((spec,))
