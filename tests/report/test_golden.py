"""The whole report of three runs, as it is committed; RECIPEC_UPDATE_GOLDEN=1 rewrites it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recipec.report import render_html, render_markdown
from recipec.run.record import RunRecord
from recipec.testing import assert_golden

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("run", ["done", "failed", "gate_failed"])
def test_markdown_is_the_golden_one(run: str, request: pytest.FixtureRequest) -> None:
    assert_golden(render_markdown(request.getfixturevalue(run)), GOLDEN / f"{run}.md")


def test_html_is_the_golden_one(done: RunRecord) -> None:
    page = re.sub(r"(?s)<script>.*?</script>", "<script>…</script>", render_html(done))
    page = re.sub(r"'sha256-[^']+'", "'sha256-…'", page)
    assert_golden(page, GOLDEN / "done.html")


def test_the_record_goes_through_json_without_changing_the_report(done: RunRecord) -> None:
    again = RunRecord.model_validate_json(done.model_dump_json())
    assert render_html(again) == render_html(done)
    assert render_markdown(again) == render_markdown(done)


def test_ten_stages_stay_well_below_a_megabyte(done: RunRecord) -> None:
    assert len(done.stages) == 10
    page = render_html(done).encode()
    assert len(page) < 550_000
    assert len(re.sub(rb"(?s)<script>.*?</script>", b"", page)) < 200_000
