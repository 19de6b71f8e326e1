"""Open reports in headless Chromium, and write report.md and the pictures beside it.

    python docs/evidence/report_pages.py [--seven RUN] [--matrix FOLDER] [--pages FOLDER]

Without `--seven` and `--matrix` it runs `recipes/seven-steps.yaml` and `report-matrix.yaml` (five
minutes on two cores). It needs Chromium and Node.js. Exits 1 when a page breaks a limit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from report_records import failed, large

from recipec.compiler import read_record, render_report, render_runs
from recipec.report import Run, render_html

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from report.browser.chromium import installed, look

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
IMAGES = ROOT / "docs" / "images"
RECIPEC = str(Path(sys.executable).with_name("recipec"))
WINDOWS: dict[str, dict[str, Any]] = {
    "phone (390 px)": {"width": 390, "height": 844},
    "laptop (1366 px)": {"width": 1366, "height": 768},
    "laptop, dark": {"width": 1366, "height": 768, "dark": True},
    "phone, dark": {"width": 390, "height": 844, "dark": True},
    "print (760 px)": {"width": 760, "height": 1000, "print": True},
    "print from a dark window": {"width": 760, "height": 1000, "print": True, "dark": True},
}
LIMITS = {"seven steps": 1_000_000, "1,000 stages × 200 layers": 6_000_000}
"""Bytes that a page may have."""
FIRST_PAINT = 1000
"""Milliseconds within which a page paints first."""
PICTURES = (
    ("report", "seven steps", {"width": 1366, "height": 900}),
    ("report-dark", "seven steps", {"width": 1366, "height": 900, "dark": True, "at": "#numbers"}),
    ("report-phone", "seven steps", {"width": 390, "height": 844, "at": "#numbers"}),
    ("report-tradeoff", "24 variants", {"width": 1366, "height": 900, "at": "#numbers"}),
)
"""Name, page, window, and what it scrolls to."""


def compiled(recipe: Path, folder: Path) -> Path:
    """Run a recipe into a folder. A failed gate is no failure here."""
    command = [RECIPEC, "compile", str(recipe), "-q", "-o", str(folder)]
    done = subprocess.run([*command, "--store", str(folder.parent / "store")], check=False)
    if done.returncode not in (0, 5):
        raise SystemExit(f"{recipe} failed with exit code {done.returncode}")
    return folder


def pages(given: argparse.Namespace, scratch: Path) -> dict[str, str]:
    """Render the pages."""
    seven = given.seven or compiled(ROOT / "recipes" / "seven-steps.yaml", scratch / "seven")
    matrix = given.matrix or compiled(HERE / "report-matrix.yaml", scratch / "matrix")
    variants = sorted(path.parent for path in matrix.glob("*/run.json"))
    runs = [Run(v.name, read_record(v), f"{v.name}/report.html") for v in variants]
    gate_failed = next(run for run in runs if run.record and run.record.status == "gate failed")
    assert gate_failed.record is not None
    return {
        "seven steps": render_report(read_record(seven))["report.html"],
        f"{len(runs)} variants": render_runs("report-matrix", runs)["report.html"],
        "a failed gate": render_report(gate_failed.record)["report.html"],
        "a failed stage": render_html(failed()),
    }


def judged(name: str, size: int, found: list[dict[str, Any]]) -> list[str]:
    """Say what breaks a limit."""
    wrong = []
    if size > LIMITS.get(name, max(LIMITS.values())):
        wrong.append(f"{name}: {size:,} bytes")
    for window, told in zip(WINDOWS, found, strict=True):
        if told["console"] or told["requests"] or told["axe"]:
            wrong.append(f"{name}, {window}: {json.dumps(told)[:400]}")
        if told["paint"] > FIRST_PAINT:
            wrong.append(f"{name}, {window}: first paint after {told['paint']:.0f} ms")
    return wrong


def main() -> int:
    """Render, look, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seven", type=Path, help="a run of recipes/seven-steps.yaml")
    parser.add_argument("--matrix", type=Path, help="a folder of runs of report-matrix.yaml")
    parser.add_argument("--pages", type=Path, help="where pages and all pictures go")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.pages or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        texts = pages(given, Path(temporary))
        record = large()
        began = time.perf_counter()
        texts["1,000 stages × 200 layers"] = render_html(record)
        seconds = time.perf_counter() - began
        driver = installed(Path(temporary) / "driver")
        rows, wrong, files = [], [], {}
        for number, (name, text) in enumerate(texts.items(), 1):
            file = files[name] = folder / f"page-{number}.html"
            file.write_text(text, encoding="utf-8")
            looks = [
                {"file": str(file), "axe": True, **how}
                | ({"shot": str(folder / f"page-{number}-{at}.png")} if given.pages else {})
                for at, how in enumerate(WINDOWS.values(), 1)
            ]
            found = look(driver, looks)
            wrong += judged(name, len(text.encode()), found)
            rows.append(_row(name, text, found))
        shots = [
            {"file": str(files[page]), "shot": str(IMAGES / f"{name}.png"), "full": False, **how}
            for name, page, how in PICTURES
        ]
        look(driver, shots)
    (HERE / "report.md").write_text(_text(rows, seconds, wrong), encoding="utf-8")
    print("\n".join(wrong) or "every page keeps its limits")
    return 1 if wrong else 0


def _row(name: str, text: str, found: list[dict[str, Any]]) -> str:
    def total(what: str) -> int:
        return sum(len(told[what]) for told in found)

    paints = [told["paint"] for told in found]
    return (
        f"| {name} | {len(text.encode()):,} | {total('console')} | {total('requests')} "
        f"| {total('axe')} | {min(paints):.0f}–{max(paints):.0f} ms |"
    )


def _text(rows: list[str], seconds: float, wrong: list[str]) -> str:
    library = (ROOT / "recipec" / "report" / "vendor" / "charts.min.js").stat().st_size
    windows = ", ".join(WINDOWS)
    lines = [
        "# The report in a browser",
        "",
        "Made by `python docs/evidence/report_pages.py`. Each page was opened in headless "
        "Chromium, "
        "scrolled to its end, and checked",
        f"by axe-core, in these windows: {windows}.",
        "",
        "| page | bytes | console errors | requests | findings of axe-core | first paint |",
        "|---|--:|--:|--:|--:|--:|",
        *rows,
        "",
        f"Of each page {library:,} bytes are the library of its charts. The failed stage is a "
        "made record (`tests/report`), as is",
        "the large one, in which every layer of every model is another; it was rendered in "
        f"{seconds:.0f} s. The others are real runs.",
        "",
        f"Limits: {'; '.join(f'{name} {size:,} bytes' for name, size in LIMITS.items())}; no "
        "console error, no request, no finding;",
        f"first paint within {FIRST_PAINT:,} ms.",
        "**" + ("Broken: " + "; ".join(wrong) if wrong else "All are kept.") + "**",
        "",
        "![The beginning of the page](../images/report.png)",
        "",
        "![Charts in a dark window](../images/report-dark.png)",
        "",
        "![All variants of a matrix](../images/report-tradeoff.png)",
        "",
        "![Charts on a phone](../images/report-phone.png)",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
