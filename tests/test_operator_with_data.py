"""docs/operator-with-data.md: its commands are run and its files written, in order."""

from __future__ import annotations

import re

import pytest

from fresh_environment import fresh_environment

BLOCK = re.compile(r"^```(?P<language>\w+)(?P<marks>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)


@pytest.mark.frameworks
@pytest.mark.slow
def test_the_operator_of_the_page_is_planned_tested_and_run(request, tmp_path):
    environment = fresh_environment(tmp_path)
    page = (request.config.rootpath / "docs" / "operator-with-data.md").read_text()
    said, inside = "", ""
    for block in BLOCK.finditer(page):
        if block["language"] == "bash":
            said += environment.done(inside + block["text"])
            inside = "cd recipec-acme\n"
        else:
            file = block["marks"].rpartition("file=")[2]
            (environment.work / "recipec-acme" / file).write_text(block["text"])
    assert " passed" in said
    assert "+ trim  acme.trim@1  run: trained runs first" in said  # planned
    made = environment.work / "recipec-acme" / "runs" / "trimmed" / "report.html"
    assert "units trimmed" in made.read_text()
