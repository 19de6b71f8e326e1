"""In a process of its own a stage may crash, hang or eat: it is told as such, and all is kept."""

import os
import time
from pathlib import Path

import pytest

from hostile_plugins.conftest import results, stage
from recipec import StageError

WHO = "hostile (crashing.crash of plugin 'crashing' (recipec-crashing 1.2))"
SAID = {
    "exit": ("stage-crashed", f"{WHO} crashed: its process ended itself with exit code 0"),
    "segfault": ("stage-crashed", f"{WHO} crashed: its process was ended by SIGSEGV"),
    "kill": ("stage-crashed", f"{WHO} crashed: its process was ended by SIGKILL, by the system"),
    "sys.exit": ("stage-failed", "hostile (crashing.crash) failed: SystemExit: 3"),
    "raise": ("stage-failed", "hostile (crashing.crash) failed: ZeroDivisionError: division by"),
    "refuse": ("operator", "hostile (crashing.crash): it can't be done"),
}


def failure(bench, text):
    with pytest.raises(StageError) as failed:
        bench.run(text)
    (problem,) = failed.value.diagnostics
    return problem


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(bench):
    """Say whether the process that the stage has left behind is gone, soon."""
    (noted,) = (bench.folder / "store" / "v1" / "work").glob("*/child")
    until = time.monotonic() + 10
    while alive(noted.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(noted.read_text())


@pytest.mark.parametrize("how", SAID)
def test_a_crash_is_an_error_of_its_stage_and_the_rest_is_kept(hostile, peaceful, how):
    bench = hostile("crashing")
    problem = failure(bench, stage("crashing.crash", how, isolation="process"))
    code, said = SAID[how]
    assert problem.code == code
    assert problem.message.startswith(said)
    assert problem.span.line == 13
    if code == "stage-crashed":
        last = "Fatal Python error: Segmentation" if how == "segfault" else f"about to {how}"
        assert f"it wrote last:\n  {last}" in problem.hint
    assert results(bench.run()) == peaceful


def test_an_operator_may_ask_for_a_process_of_its_own(hostile):
    problem = failure(hostile("crashing"), stage("crashing.apart", "exit"))
    assert problem.code == "stage-crashed"


def test_a_stage_that_hangs_is_ended_with_all_it_has_started(hostile, peaceful):
    bench = hostile("crashing")
    problem = failure(bench, stage("crashing.crash", "hang", limits={"time": "2s"}))
    assert problem.code == "time-limit"
    assert problem.message == f"{WHO} took longer than its limit of 2s, and was ended"
    assert gone(bench)
    assert results(bench.run()) == peaceful


def test_a_stage_that_eats_memory_fails_at_its_limit(hostile, peaceful):
    bench = hostile("crashing")
    problem = failure(bench, stage("crashing.crash", "eat", limits={"memory": "300MiB"}))
    assert problem.code == "memory-limit"
    assert problem.message.startswith(f"{WHO} wanted more memory than its limit of 300MiB")
    assert results(bench.run()) == peaceful


def test_what_a_stage_leaves_running_is_ended(hostile, monkeypatch):
    from recipec.run.store import Store

    monkeypatch.setattr(Store, "commit", keep_work(Store.commit))
    bench = hostile("crashing")
    record = bench.run(stage("crashing.crash", "leave a child", isolation="process"))
    assert record.stage("hostile").status == "ran"
    (noted,) = bench.folder.glob("child-*")
    assert not alive(noted.read_text())


def keep_work(commit):
    def committing(store, key, *rest, **more):
        for noted in store.work(key).glob("child"):
            (store.root.parent.parent / f"child-{key[:8]}").write_text(noted.read_text())
        return commit(store, key, *rest, **more)

    return committing


def test_an_interruption_ends_it_too(hostile):
    bench = hostile("crashing")
    with pytest.raises(KeyboardInterrupt):
        bench.run(stage("crashing.crash", "interrupt", isolation="process"))
    assert not [p for p in children(os.getpid()) if "child.py" in command(p)]


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
