"""What was expected of a run stands beside what it took, and misses are marked."""

from __future__ import annotations

from recipec.report import render_html, render_markdown
from recipec.report.context import ExpectedRow
from recipec.report.view import view
from recipec.run.record import RunRecord


def rows(record: RunRecord) -> dict[str, ExpectedRow]:
    return {str(row.stage): row for row in view(record).expected.rows}


def test_a_range_that_held_says_so_with_what_it_stood_on(done: RunRecord) -> None:
    time = rows(done)["retrain"].facts[0]
    assert str(time.planned) == "40.1 s [36.0–44.6 s], measured in 2 runs".replace(" s", "\u00a0s")
    assert (str(time.made), time.verdict.word) == ("38.9\u00a0s", "as expected")


def test_a_miss_says_in_which_direction(done: RunRecord) -> None:
    row = rows(done)["int8"]
    assert (row.facts[0].verdict.word, row.verdict.word) == ("more", "outside")
    assert "6.20\u00a0s ≠" in render_markdown(done)
    assert "≠" in render_html(done).partition('id="expected"')[2].partition("</section>")[0]


def test_what_nothing_could_be_said_of_is_no_miss(done: RunRecord) -> None:
    disk = rows(done)["retrain"].facts[2]
    assert (str(disk.planned), disk.verdict.word) == ("—", "not expected")


def test_what_was_reused_as_planned_took_nothing_and_has_no_row(done: RunRecord) -> None:
    assert "trained" not in rows(done)


def test_what_was_reused_against_the_plan_is_said(done: RunRecord) -> None:
    stages = [
        s.model_copy(update={"status": "reused"}) if s.id == "onnx" else s for s in done.stages
    ]
    row = rows(done.model_copy(update={"stages": tuple(stages)}))["onnx"]
    assert {fact.verdict.word for fact in row.facts} == {"reused"}


def test_the_whole_run_is_compared_with_all_of_the_plan(done: RunRecord) -> None:
    time, memory, _ = view(done).expected.total
    assert (time.verdict.word, memory.verdict.word) == ("more", "as expected")


def test_the_misses_are_counted(done: RunRecord) -> None:
    compared = [f.verdict.word for row in rows(done).values() for f in row.facts]
    held, missed = compared.count("as expected"), compared.count("more") + compared.count("less")
    assert missed > 0
    assert view(done).expected.note == f"{held} of {held + missed} expectations held"


def test_a_record_of_before_there_were_estimates_can_still_be_shown(done: RunRecord) -> None:
    old = done.model_dump(mode="json")
    del old["estimate"]
    for node in (*old["stages"], *old["measurements"]):
        del node["estimate"]
    record = RunRecord.model_validate(old)
    assert view(record).expected.rows == ()
    assert "Nothing ran that the plan had expectations of." in render_html(record)
