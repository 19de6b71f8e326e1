"""Observers that raise, exit or hang: the run goes on and its record says so."""

import threading
import time

import pytest

from hostile_plugins.conftest import results, warned
from recipec.walls import limited


def test_observers_keep_no_run_from_its_end(hostile, peaceful, monkeypatch):
    monkeypatch.setattr(limited, "SECONDS", 0.2)
    bench = hostile("watching")
    record = bench.run()
    assert record.status == "done"
    assert results(record) == peaceful
    who = "recipec_stage_started of plugin 'watching' (recipec-watching 1.2)"
    assert warned(record, "observer") == [
        f"{who} raised KeyError: 'no such host'",
        f"{who} raised SystemExit: enough",
        f"{who} took longer than 0.2 s and was given up",
        f"{who} wasn't asked, as recipec_stage_started hasn't come back yet",
    ]


def test_one_that_is_late_is_not_called_again(hostile, monkeypatch):
    monkeypatch.setattr(limited, "SECONDS", 0.2)
    bench = hostile("watching")
    bench.run()
    import hostile_plugins.watching as plugin

    assert plugin.calls == ["model", "big", "small"]


def test_what_an_observer_is_given_is_its_own_copy(hostile, monkeypatch):
    monkeypatch.setattr(limited, "SECONDS", 0.2)
    bench = hostile("watching")
    import hostile_plugins.watching as plugin

    plugin.released.set()
    record = bench.run()
    assert record.name == "toy"
    assert (bench.folder / "out" / "run.json").stat().st_size > 1000


def test_one_that_computes_forever_is_ended():
    seen = []

    def forever():
        seen.append(threading.current_thread().name)
        while True:
            try:
                sum(range(1000))
            except Exception:
                continue

    with pytest.raises(limited.Late, match=r"took longer than 0\.1 s"):
        limited.limited(forever, caller=seen, what="counting", seconds=0.1)
    assert again(seen) == 7
    assert seen == ["recipec counting"]


def again(caller):
    """Call once more, when the caller is no longer busy."""
    for _ in range(200):
        try:
            return limited.limited(lambda: 7, caller=caller, what="answering", seconds=10)
        except limited.Late:
            time.sleep(0.05)
    return None
