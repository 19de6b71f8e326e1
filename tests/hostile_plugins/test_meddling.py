"""Global state that a plugin changes is put back at once, and the change is told."""

import logging
import os
import random
import signal
import warnings
from pathlib import Path

import pytest

from hostile_plugins.conftest import results, stage, warned

CHANGED = [
    "the working directory",
    "the file mode mask",
    "signal handlers",
    "the logging level",
    "the logging handlers",
    "what logging leaves out",
    "Python's random seed",
    "the environment variable HOME",
    "the environment variable MEDDLED",
    "the filters of Python's warnings",
]
PLUGIN = "plugin 'meddling' (recipec-meddling 1.2)"


def state():
    mask = os.umask(0o022)
    os.umask(mask)
    return (
        Path.cwd(), mask, dict(os.environ), random.getstate(), list(warnings.filters),
        logging.root.level, list(logging.root.handlers), logging.root.manager.disable,
        signal.getsignal(signal.SIGINT),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("how", "who"),
    [
        ("run", f"hostile (meddling.meddle of {PLUGIN})"),
        ("plan", f"plan() of meddling.meddle, {PLUGIN},"),
    ],
)
def test_what_an_operator_changes_is_put_back_and_told(hostile, peaceful, how, who):
    bench = hostile("meddling")
    os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    before = state()
    record = bench.run(stage("meddling.meddle", how))
    assert state() == before
    assert results(record) == peaceful
    assert [
        w for w in warned(record, "process-state") if "hook" not in w and "stage_" not in w
    ] == [f"{who} changed {what}; it was put back" for what in CHANGED]


def test_what_an_observer_changes_is_put_back_and_told(hostile, peaceful):
    bench = hostile("meddling")
    here = Path.cwd()
    record = bench.run()
    assert Path.cwd() == here
    assert results(record) == peaceful
    assert warned(record, "process-state") == [
        f"recipec_stage_started of {PLUGIN} changed the working directory; it was put back"
    ]


def test_nothing_is_told_of_a_run_without_it(bench):
    assert warned(bench.run(), "process-state") == []
