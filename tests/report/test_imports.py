"""Importing the report imports no template engine."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_report_imports_no_jinja() -> None:
    code = (
        "import sys, recipec.report, recipec.report.view; "
        "print(sorted({'jinja2', 'markupsafe'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
