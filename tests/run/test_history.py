"""The history: whole or not at all, bounded, and shared by processes."""

import json
import multiprocessing

import pytest

from recipec.plan.costs.past import PastRun
from recipec.run import history
from recipec.run.history import append_history, read_history
from recipec.run.store import Store
from toys.bench import TOY_RECIPE

MACHINE = {"cpu": "a processor", "cores": 2}


def run(number=0):
    return PastRun(
        at="2026-01-01T00:00:00+00:00", version=1, alike="a", threads=1, device={}, loads=(),
        takes=(), work=number, read=None, written=None, seconds=1.5, peak_memory=None, disk=10,
    )  # fmt: skip


def test_what_is_appended_can_be_read_in_its_order(tmp_path):
    for number in range(3):
        append_history(tmp_path, MACHINE, "a.b", run(number))
    assert read_history(tmp_path, MACHINE, "a.b") == (run(0), run(1), run(2))


def test_operators_and_machines_are_kept_apart(tmp_path):
    append_history(tmp_path, MACHINE, "a.b", run())
    assert read_history(tmp_path, MACHINE, "a.c") == ()
    assert read_history(tmp_path, {**MACHINE, "cores": 4}, "a.b") == ()


def test_reading_makes_nothing(tmp_path):
    read_history(tmp_path, MACHINE, "a.b")
    assert list(tmp_path.iterdir()) == []


def test_only_the_latest_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "KEPT", 5)
    for number in range(12):
        append_history(tmp_path, MACHINE, "a.b", run(number))
    assert [found.work for found in read_history(tmp_path, MACHINE, "a.b")] == [7, 8, 9, 10, 11]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"format": "recipec.history/v2"}', b"\xff"]
)
def test_a_file_that_is_none_counts_as_none_and_is_replaced(tmp_path, content):
    append_history(tmp_path, MACHINE, "a.b", run())
    (file,) = tmp_path.glob("history/*/*.json")
    file.write_bytes(content)
    assert read_history(tmp_path, MACHINE, "a.b") == ()
    append_history(tmp_path, MACHINE, "a.b", run(7))
    assert [found.work for found in read_history(tmp_path, MACHINE, "a.b")] == [7]


def add(folder, first):
    for number in range(first, first + 20):
        append_history(folder, MACHINE, "a.b", run(number))


def test_of_processes_that_append_at_once_none_loses_what_another_adds(tmp_path):
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=add, args=(tmp_path, n * 20)) for n in range(4)]
    for other in others:
        other.start()
    seen = set()
    while any(other.is_alive() for other in others):
        for path in tmp_path.glob("history/*/*.json"):
            seen.add(json.loads(path.read_bytes())["format"])  # never half a file
    assert [other.exitcode for other in others] == [0, 0, 0, 0]
    kept = sorted(found.work for found in read_history(tmp_path, MACHINE, "a.b"))
    assert kept == list(range(80))
    assert seen <= {"recipec.history/v1"}


def test_every_node_that_ran_is_in_the_history_and_no_other(bench):
    bench.run()
    kept = [json.loads(f.read_bytes()) for f in (bench.folder / "store").rglob("history/*/*.json")]
    count = {one["operator"]: len(one["runs"]) for one in kept}
    assert count == {
        "toys.model": 1, "toys.scale": 1, "toys.drop": 1, "toys.pack": 1,
        "toys.size": 3, "toys.right": 2,
    }  # fmt: skip
    bench.run()  # all is reused
    again = [json.loads(f.read_bytes()) for f in (bench.folder / "store").rglob("history/*/*.json")]
    assert sorted(again, key=str) == sorted(kept, key=str)


def test_a_run_that_went_on_from_a_checkpoint_teaches_nothing(bench):
    key = bench.compile().plan.node("model").key
    Store((bench.folder / "store").absolute()).work(key).mkdir(parents=True)
    bench.run()
    kept = [json.loads(f.read_bytes()) for f in (bench.folder / "store").rglob("history/*/*.json")]
    assert "toys.model" not in {one["operator"] for one in kept}


def test_a_history_that_cannot_be_written_is_a_warning(bench, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("recipec.run.history.append_history", full)
    record = bench.run()
    assert record.status == "done"
    messages = [d["message"] for d in record.diagnostics if d["code"] == "history"]
    assert "what model took can't be kept for later estimates" in messages[0]


def test_estimates_come_back_from_the_record(bench):
    bench.run()
    record = bench.run(TOY_RECIPE + "seed: 3\n")
    assert record.stage("small").estimate.seconds.runs == 1
    assert record.estimate.seconds.high > 0
