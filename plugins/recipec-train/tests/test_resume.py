"""A training that was killed goes on from its checkpoint and ends with the same bytes."""

import multiprocessing
import signal
from pathlib import Path

import pytest

from recipec.api.digests import digest_path

pytestmark = pytest.mark.frameworks

STEPS_PER_EPOCH = 4  # 100 samples in batches of 32
FOREVER = float("inf")


@pytest.fixture(scope="module")
def train():
    """Train in a process of its own until a step, at which it is killed; give the exit code.

    The processes are forked from one that has imported the frameworks and done nothing with them,
    which saves seconds for each.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["recipec_train._fit", "recipec.testing", "sklearn.datasets"])
    from train_examples import killed

    def train_until(folder: Path, step: float, prunes: bool = False) -> int | None:
        folder.mkdir(exist_ok=True)
        process = processes.Process(target=killed.train, args=(folder, step, prunes))
        process.start()
        process.join()
        return process.exitcode

    return train_until


@pytest.fixture(scope="module")
def undisturbed(train, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("undisturbed")
    assert train(folder, FOREVER) == 0
    return digest_path(folder / "made" / "model")


def test_killed_in_the_middle_of_an_epoch(train, undisturbed, tmp_path):
    assert train(tmp_path, 2 * STEPS_PER_EPOCH + 2) == -signal.SIGKILL
    assert not (tmp_path / "made" / "model").exists()
    assert train(tmp_path, FOREVER) == 0
    assert (tmp_path / "notes").read_text() == "went on from the checkpoint after epoch 2"
    assert digest_path(tmp_path / "made" / "model") == undisturbed


def test_killed_twice_and_while_a_checkpoint_was_written(train, undisturbed, tmp_path):
    assert train(tmp_path, STEPS_PER_EPOCH + 1) == -signal.SIGKILL
    assert train(tmp_path, 3 * STEPS_PER_EPOCH + 1) == -signal.SIGKILL
    (tmp_path / "scratch" / "checkpoint.safetensors.new").write_bytes(b"half of a checkpoi")
    assert train(tmp_path, FOREVER) == 0
    assert (tmp_path / "notes").read_text() == "went on from the checkpoint after epoch 3"
    assert digest_path(tmp_path / "made" / "model") == undisturbed


def test_a_damaged_checkpoint_costs_time_but_not_the_result(train, undisturbed, tmp_path):
    assert train(tmp_path, 2 * STEPS_PER_EPOCH + 1) == -signal.SIGKILL
    checkpoint = tmp_path / "scratch" / "checkpoint.safetensors"
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    assert train(tmp_path, FOREVER) == 0
    assert "began anew" in (tmp_path / "notes").read_text()
    assert digest_path(tmp_path / "made" / "model") == undisturbed


def test_killed_in_the_middle_of_a_pruning_schedule(train, tmp_path):
    """Prunings at step 0, 2, … 18 of 20; killed after those at 8 and 16."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert train(whole, FOREVER, prunes=True) == 0
    assert train(cut, 2 * STEPS_PER_EPOCH + 1, prunes=True) == -signal.SIGKILL
    assert train(cut, 4 * STEPS_PER_EPOCH + 1, prunes=True) == -signal.SIGKILL
    assert train(cut, FOREVER, prunes=True) == 0
    assert (cut / "notes").read_text() == "went on from the checkpoint after epoch 4"
    assert digest_path(cut / "made" / "model") == digest_path(whole / "made" / "model")
