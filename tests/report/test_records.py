"""Records of earlier versions, one kept of each format, are still read and rendered.

`v1.json` is of a real run (version 0.1.0, before gates had `on_fail`), with most of its stages and
layers left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from recipec.compiler import read_record
from recipec.report import Run, render_comparison, render_html, render_markdown
from recipec.run.record import FORMAT, RunRecord

RECORDS = Path(__file__).parent / "records"
KEPT = sorted(RECORDS.glob("*.json"))


def test_a_record_of_each_format_is_kept() -> None:
    (annotation,) = {RunRecord.model_fields["format"].annotation}
    known = {name.rpartition("/")[2] for name in get_args(annotation)}
    assert {path.stem for path in KEPT} >= known
    assert FORMAT.rpartition("/")[2] in known


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_record_still_renders(path: Path) -> None:
    record = read_record(path)
    page, markdown = render_html(record), render_markdown(record)
    for stage in record.stages:
        assert f"<bdi>{stage.id}</bdi>" in page
    assert "59.0 µs" in page.replace("\xa0", " ")
    assert "14.6× faster" in markdown
    compared = render_comparison("kept", [Run("then", record), Run("again", record)])
    assert "59.0 µs" in compared["report.md"].replace("\xa0", " ")
