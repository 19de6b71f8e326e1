"""Run the contract suites that an installed package ships."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from recipec.testing.check import Checked
from recipec.testing.versions import SHIPPED

GROUP: Final = "recipec.contract"
"""Entry points of this group name modules with contract classes, as `acme = "recipec_acme.tests"`.
"""
_WHOLE_SUITE: Final = "contract-suite"


def run_suites(point: EntryPoint) -> list[Checked]:
    """Run the suites of a plugin's package with pytest, in a process of their own."""
    found: list[Checked] = []
    for module in suites_of(point):
        place = _place(module)
        if place is None:
            message = f"there is no module {module}"
            hint = f"the entry point of the group {GROUP} must name one that is in the wheel"
            found.append(Checked(_WHOLE_SUITE, module, "failed", message, hint))
        else:
            found += _run(module, place)
    if not found:
        message = "the package ships no contract suite, so nothing was planned or run"
        hint = f"put contract classes into {point.module}.contract: docs/testing.md"
        found.append(Checked(_WHOLE_SUITE, point.name, "skipped", message, hint))
    return found


def suites_of(point: EntryPoint) -> list[str]:
    """Name the modules with contract classes that a plugin's package ships."""
    own = None if point.dist is None else point.dist.name
    declared = [
        p.value for p in entry_points(group=GROUP) if p.dist is not None and p.dist.name == own
    ]
    # Several plugins of one distribution share its entry points; each names its suite like itself.
    named = [p.value for p in entry_points(group=GROUP, name=point.name) if p.value in declared]
    if named or declared:
        return named or declared
    module = f"{point.module.partition('.')[0]}.contract"
    return [module] if _place(module) else []


def _place(module: str) -> Path | None:
    """Give the file of a module, or the folder of a package."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


def _run(module: str, place: Path) -> Iterator[Checked]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", str(place), "-q", "-c", os.devnull),
                *("--rootdir", folder, "--import-mode=importlib", "-p", "no:cacheprovider"),
                *("-o", "python_files=*.py", f"--junitxml={report}"),
            ],
            cwd=folder,
            env={**os.environ, SHIPPED: "1"},
            capture_output=True,
            text=True,
        )
        cases = list(ElementTree.parse(report).iter("testcase")) if report.is_file() else []
    if not cases:
        message = f"pytest found no checks in it (status {done.returncode})\n{done.stdout[-2000:]}"
        yield Checked(_WHOLE_SUITE, module, "failed", message.strip())
    for case in cases:
        yield _checked(module, case)


def _checked(module: str, case: ElementTree.Element) -> Checked:
    """Read one test of a JUnit report."""
    check = case.get("name", "").removeprefix("test_").replace("_", "-")
    subject = case.get("classname", module).rpartition(".")[2]
    for tag in ("failure", "error"):
        if (problem := case.find(tag)) is not None:
            return Checked(check, subject, "failed", _said(problem))
    if (skipped := case.find("skipped")) is not None:
        return Checked(check, subject, "skipped", skipped.get("message", ""))
    return Checked(check, subject, "passed")


def _said(problem: ElementTree.Element) -> str:
    """Give what an assertion says, without pytest's comparison of values below it."""
    message = problem.get("message", "").partition("\nassert ")[0].strip()
    return re.sub(r"^AssertionError: ", "", message) or (problem.text or "").strip()[-2000:]
