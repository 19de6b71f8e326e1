"""Golden plans and reports: text without what differs from machine to machine and run to run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from recipec.testing.golden import assert_golden

if TYPE_CHECKING:
    from recipec.compiler import Compilation
    from recipec.run.record import RunRecord

_PLAN: Final = (
    (re.compile(r"^  (time|memory|disk) .*\n", re.M), ""),
    (re.compile(r"^ +takes .*\n(?: {15}\S.*\n)*", re.M), ""),
    (re.compile(r"\bsha256:[0-9a-f]+"), "sha256:…"),
    (re.compile(r"^( +imports .* of \S+) \d\S*", re.M), r"\1 …"),
)
"""What expectations of time, digests and versions look like in a plan's text."""
_WARNING: Final = re.compile(
    r"^  (?:\S*/)?(?P<said>[^/\s]+:\d+:\d+: \w+\[.*(?:\n {6}(?!hint:|more:)\S.*)*)", re.M
)
_REPORT: Final = (
    (re.compile(r"^## Expected against taken\n.*?(?=^## |\Z)", re.M | re.S), ""),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T][\d:]+(?: UTC|Z|[+-]\d\d:\d\d)?"), "(a date)"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "(sha256)"),
    (re.compile(r"`(?:[^`\s]*/)([^`/\s]+:\d+:\d+)`"), r"`\1`"),
    (re.compile(r"(\| recipec \| )\S+"), r"\1…"),
    (re.compile(r"(?<![\w.])\d[\d,.]*(?:[–-]\d[\d,.]*)?\s(?:ns|µs|ms|s|min|h)\b"), "(time)"),
)
"""What times, digests, folders and versions look like in a report."""


def assert_golden_plan(compilation: Compilation, path: Path) -> None:
    """Assert that a plan's text is what the file holds, as `assert_golden` does.

    Left out: how long things are expected to take, digests, and versions of packages.
    """
    assert_golden(masked_plan(compilation.text()), path)


def assert_golden_report(record: RunRecord, path: Path) -> None:
    """Assert that a run's report, as Markdown, is what the file holds, as `assert_golden` does.

    Left out: times, dates, digests, recipec's version, and what was expected to be taken. Sections
    of all installed plugins are in it.
    """
    from recipec.compiler import render_report

    assert_golden(masked_report(render_report(record)["report.md"]), path)


def masked_plan(text: str) -> str:
    """Take out of a plan's text what differs from machine to machine."""
    for pattern, instead in _PLAN:
        text = pattern.sub(instead, text)
    return _WARNING.sub(_flat, text)


def _flat(warning: re.Match[str]) -> str:
    """Put a warning on one line, without the folder of its file: both depend on where that is."""
    return "  " + " ".join(warning["said"].split())


def masked_report(text: str) -> str:
    """Take out of a report's Markdown what differs from run to run."""
    for pattern, instead in _REPORT:
        text = pattern.sub(instead, text)
    return text
