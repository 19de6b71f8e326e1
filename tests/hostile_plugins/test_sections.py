"""Sections of the report that fail are notes, and the page is whole."""

import re

from hostile_plugins.conftest import results
from recipec.walls import limited


def test_sections_that_fail_are_notes_and_the_page_is_whole(hostile, peaceful, monkeypatch):
    monkeypatch.setattr(limited, "SECONDS", 0.3)
    bench = hostile("sections")
    assert results(bench.run()) == peaceful
    page = (bench.folder / "out" / "report.html").read_text()
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt; s</p>" in page
    notes = re.findall(r"could not render this section[^<]*<[^>]*>([^<]*)", page)
    assert len(re.findall("could not render this section", page)) == 4, notes
    for reason in ("which a section can", "UndefinedError", "SecurityError", "took longer than"):
        assert reason in page
    assert "<script>alert" not in page
    assert page.endswith("</html>\n")
