"""Seconds, memory and disk of one job, with and without past runs."""

import pytest

from recipec.api import UNKNOWN
from recipec.plan.costs.job import Job
from recipec.plan.costs.past import Experience, PastRun
from recipec.plan.estimate import estimated

JOB = Job(
    operator="train.fit", version=1, alike="a", threads=1, device=(), loads=("torch",),
    packages=True, loaded=True, samples=True, makes_model=True,
    takes=("torch.module",), work=10**10, read=10**6, written=10**6,
)  # fmt: skip


def ran(seconds=5.0, job=JOB, **changes):
    run = PastRun.of(
        job,
        at="2026-01-01T00:00:00+00:00",
        seconds=seconds,
        peak_memory=4 * 10**8,
        disk=10**6 + 5000,
    )
    return run.model_copy(update=changes)


def seconds(*runs, **changes):
    return estimated(JOB._replace(**changes), Experience(runs) if runs else None).seconds


def memory(*runs, **changes):
    return estimated(JOB._replace(**changes), Experience(runs) if runs else None).peak_memory


def disk(*runs, **changes):
    return estimated(JOB._replace(**changes), Experience(runs) if runs else None).disk


def ordered(expected):
    return 0 <= expected.low <= expected.likely <= expected.high


def test_without_history_the_work_is_what_counts():
    few, many = seconds(), seconds(work=10**12)
    assert few.basis == many.basis == "model"
    assert ordered(few)
    assert many.likely > 20 * few.likely


def test_more_threads_make_less_time():
    assert seconds(work=10**13, threads=4).likely < seconds(work=10**13).likely / 3


def test_without_work_a_stage_that_goes_through_samples_may_take_any_time():
    assert seconds(work=None) is UNKNOWN


def test_without_work_and_samples_the_kind_of_the_stage_makes_a_guess():
    assert seconds(work=None, samples=False).basis == "guess"


def test_the_same_stage_as_before_takes_as_long_as_before():
    found = seconds(ran(5.0), ran(5.4), ran(4.8))
    assert (found.basis, found.runs, found.likely) == ("measured", 3, 5.0)
    assert 3 < found.low < 4.8 < 5.4 < found.high < 8


def test_repeats_that_differ_widen_the_range():
    steady, shaky = seconds(ran(5.0), ran(5.1)), seconds(ran(3.0), ran(8.0))
    assert shaky.high / shaky.low > 1.5 * steady.high / steady.low


def test_other_parameters_go_by_the_pace_of_the_operator():
    found = seconds(ran(5.0), alike="b", work=2 * 10**10)
    assert (found.basis, found.runs) == ("model", 1)
    assert 7 < found.likely < 10


@pytest.mark.parametrize("changes", [{"threads": 2}, {"device": (("cuda", "12.4"),)}])
def test_runs_elsewhere_tell_nothing(changes):
    assert seconds(ran(), **changes).runs == 0


def test_a_framework_that_is_there_already_is_not_paid_for_again():
    cold, warm = seconds(ran(5.0)), seconds(ran(5.0), loads=())
    assert warm.likely < cold.likely
    assert warm.low < cold.low


def test_a_framework_that_was_there_before_is_paid_for_now():
    found = seconds(ran(1.0, loads=()))
    assert found.likely > 2
    assert found.high > 8


def test_memory_is_that_of_the_same_stage_before():
    found = memory(ran())
    assert (found.basis, found.likely) == ("measured", 4e8)


def test_memory_grows_with_the_model():
    small, large = memory(ran(), alike="b"), memory(ran(), alike="b", read=10**9, written=10**9)
    assert small.basis == large.basis == "model"
    assert large.likely > small.likely + 2 * 10**9
    assert ordered(large)


def test_where_no_peak_could_be_measured_memory_comes_from_the_model():
    found = memory(ran(peak_memory=None))
    assert (found.basis, found.runs) == ("model", 0)


def test_a_node_after_one_with_a_framework_finds_it_in_memory():
    plain = {"packages": False, "loads": ()}
    assert memory(**plain).likely > 3 * memory(**plain, loaded=False).likely


def test_disk_is_the_planned_bytes_and_what_a_file_has_beside_them():
    assert disk().holds(10**6 + 5000)
    learnt = disk(ran(), alike="b", written=2 * 10**6)
    assert learnt.likely == pytest.approx(2 * 10**6 + 5000, rel=0.01)
    assert learnt.high < disk(written=2 * 10**6).high


def test_the_same_file_as_before_has_the_same_size():
    found = disk(ran())
    assert found.basis == "measured"
    assert found.high / found.low < 1.15


def test_an_opaque_model_is_guessed_from_what_it_is_made_of():
    assert disk(written=None).basis == "guess"


def test_other_files_that_nobody_knows_are_unknown():
    assert disk(written=None, makes_model=False) is UNKNOWN


def test_runs_on_models_of_the_same_kind_come_first():
    simulated = ran(50.0, takes=("torch.exported",))
    assert seconds(ran(5.0), simulated, alike="b").likely == pytest.approx(5.0, rel=0.1)
    assert seconds(simulated, alike="b").likely > 25  # better than nothing


TINY = JOB._replace(
    operator="onnx.export", work=2560, read=26_000, written=None, takes=("torch.exported",)
)
LARGE = {"alike": "b", "work": 170 * 10**6, "read": 18_800_000}


def export(of, **changes):
    runs = [ran(seconds, TINY, disk=28_000) for seconds in (1.1, 1.2, 1.4)]
    return estimated(of._replace(**changes), Experience(runs))


def test_a_model_a_thousand_times_as_large_does_not_take_ten_thousand_times_as_long():
    found = export(TINY, **LARGE).seconds
    assert 1 < found.likely < 60
    assert found.holds(20.0)


def test_the_range_is_wider_the_farther_a_job_is_from_the_past():
    def width(found):
        return found.high / found.likely

    near, far = export(TINY, alike="b"), export(TINY, **LARGE)
    assert width(far.seconds) > 2 * width(near.seconds)
    assert width(far.disk) > 2 * width(near.disk)


def test_an_opaque_file_grows_with_the_model_that_it_is_made_of():
    found = export(TINY, **LARGE).disk
    assert 0.5 * 18_800_000 < found.likely < 2 * 18_800_000
    assert found.low < 18_800_000 < found.high


def test_a_file_is_not_expected_to_be_smaller_than_nine_tenths_of_its_planned_tensors():
    smaller = ran(written=10**8, disk=10**6)  # one that packed its tensors
    assert disk(smaller, alike="b", written=2 * 10**6).low >= 1.8 * 10**6


def test_bounds_are_rounded_outwards():
    found = disk(ran(disk=10**6 + 9), alike="b", written=44_765_128)
    assert found.low <= 44_765_128
