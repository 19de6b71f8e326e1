"""What a reader's browser makes of the pages.

Without Chromium or Node.js these tests are skipped, unless RECIPEC_REQUIRE_BROWSER is set.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipec.report import Run, render_comparison, render_html
from recipec.run.record import RunRecord
from report.browser.chromium import Unavailable, chromium, installed, look
from report.test_hostile import HOSTILE, LONG, poison

Look = Callable[..., list[dict[str, Any]]]
VENDOR = Path(__file__).parents[2] / "recipec" / "report" / "vendor"


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Path:
    try:
        chromium()
        assert request.config.cache is not None
        return installed(request.config.cache.mkdir("browser"))
    except Unavailable as reason:
        if os.environ.get("RECIPEC_REQUIRE_BROWSER"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def looked(
    browser: Path,
    done: RunRecord,
    failed: RunRecord,
    gate_failed: RunRecord,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:
    """Four pages in a light and a dark window, on a phone, and printed: one start of Chromium."""
    folder = tmp_path_factory.mktemp("pages")
    runs = [Run("하나", done, "a/report.html"), Run("zwei", gate_failed), Run("three", None)]
    pages = {
        "done": render_html(done),
        "failed": render_html(failed),
        "comparison": render_comparison("Vergleich 비교", runs)["report.html"],
        "한국어": render_html(poison(done, "한국어 단계의 아주 긴 이름 Donaudampfschifffahrt")),
        "hostile": render_html(poison(done, HOSTILE[0] + HOSTILE[3] + HOSTILE[6])),
        "long": render_html(poison(done, LONG)),
    }
    ways: dict[str, dict[str, Any]] = {
        "laptop": {"axe": True},
        "dark": {"dark": True, "axe": True},
        "phone": {"width": 390, "height": 844, "axe": True},
        "print": {"width": 760, "print": True, "dark": True},
    }
    names, looks = [], []
    for name, text in pages.items():
        file = folder / f"{name}.html"
        file.write_text(text, encoding="utf-8")
        for way, how in ways.items():
            if name in ("done", "comparison") or way in ("laptop", "phone"):
                names.append(f"{name} {way}")
                looks.append({"file": str(file), "run": MEASURE, **how})
    return dict(zip(names, look(browser, looks), strict=True))


MEASURE = """({
  wide: document.documentElement.scrollWidth - innerWidth,
  charts: [...document.querySelectorAll("[data-chart]")].map((p) => !!p.querySelector("svg")),
  graph: document.querySelectorAll("#graph-plot .node").length,
  layers: document.querySelectorAll("#layer-explorer tbody tr").length,
  background: getComputedStyle(document.body).backgroundColor,
  alerts: document.querySelectorAll("script[src], img, iframe").length,
})"""


def test_nothing_is_fetched_and_no_script_fails(looked: dict[str, dict[str, Any]]) -> None:
    assert {name: told["requests"] for name, told in looked.items() if told["requests"]} == {}
    assert {name: told["console"] for name, told in looked.items() if told["console"]} == {}


def test_axe_finds_nothing(looked: dict[str, dict[str, Any]]) -> None:
    assert {name: told["axe"] for name, told in looked.items() if told["axe"]} == {}


def test_every_chart_is_drawn(looked: dict[str, dict[str, Any]]) -> None:
    for name, told in looked.items():
        assert all(told["run"]["charts"]), name
    assert looked["done laptop"]["run"]["graph"] == 14
    assert looked["done laptop"]["run"]["layers"] == 27
    assert len(looked["comparison laptop"]["run"]["charts"]) >= 8


def test_no_page_is_wider_than_its_window(looked: dict[str, dict[str, Any]]) -> None:
    assert {name: told["run"]["wide"] for name, told in looked.items() if told["run"]["wide"]} == {}


def test_hostile_text_brings_no_element(looked: dict[str, dict[str, Any]]) -> None:
    assert looked["hostile laptop"]["run"]["alerts"] == 0


def test_a_dark_window_is_dark_and_paper_is_white(looked: dict[str, dict[str, Any]]) -> None:
    assert looked["done dark"]["run"]["background"] == "rgb(17, 21, 26)"
    assert looked["done print"]["run"]["background"] == "rgb(255, 255, 255)"


SORT = """(() => {
  const table = document.querySelector("#numbers table.sortable");
  const head = table.tHead.rows[0].cells[1];
  const button = head.querySelector("button");
  const name = (row) => row.cells[0].querySelector("a").textContent;
  const names = () => [...table.tBodies[0].rows].map(name);
  button.focus();
  const focused = document.activeElement === button;
  button.click();
  const up = [head.getAttribute("aria-sort"), names()];
  button.click();
  return { focused, up, down: [head.getAttribute("aria-sort"), names()] };
})()"""


CHOOSE = """(async () => {
  const [before, after, shown] = document.querySelectorAll("#layer-explorer select");
  const names = [...after.options].map((option) => option.textContent);
  after.value = names.indexOf("prune");
  after.dispatchEvent(new Event("change"));
  shown.value = 2;
  shown.dispatchEvent(new Event("change"));
  const chart = document.querySelector("#layer-explorer .plot");
  const caption = document.querySelector("#layer-explorer caption");
  return [chart.getAttribute("aria-label"), caption.textContent];
})()"""

HOVER = """(async () => {
  const svg = document.querySelector("#waterfall-1 svg");
  svg.scrollIntoView();
  const box = svg.getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + 40, pointerType: "mouse" };
  svg.dispatchEvent(new PointerEvent("pointerenter", at));
  svg.dispatchEvent(new PointerEvent("pointermove", at));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return svg.textContent;
})()"""


def test_tables_sort_layers_can_be_chosen_and_charts_say_what_is_pointed_at(
    browser: Path, done: RunRecord, tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    page.write_text(render_html(done), encoding="utf-8")
    scripts = (SORT, CHOOSE, HOVER)
    found = look(browser, [{"file": str(page), "run": script} for script in scripts])
    sort, choose, hover = (told["run"] for told in found)
    assert sort["focused"]
    assert sort["up"][0] == "ascending"
    assert sort["up"][1][0] == "onnx-trt"
    assert sort["down"] == ["descending", sort["down"][1]]
    assert sort["down"][1][0] in ("model", "trained")
    assert choose == [
        "Multiply-adds of each layer of trained and prune; the table below has the values",
        "Each layer of trained and what became of it in prune",
    ]
    assert "Size on disk: 712 kB" in hover.replace("\xa0", " ")


def test_what_is_packed_opens_also_by_a_link(
    browser: Path, done: RunRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recipec.report._embedded.LARGE", 1)
    page = tmp_path / "report.html"
    text = render_html(done)
    assert text.count('<script type="text/plain">') > 5
    page.write_text(text, encoding="utf-8")
    script = """(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stage = document.getElementById("stage-3");
      const summary = stage.querySelector("summary").textContent;
      return [stage.open, stage.closest("details.bulk").open, summary];
    })()"""
    (told,) = look(browser, [{"file": str(page), "hash": "#stage-3", "run": script}])
    assert told["console"] == []
    assert told["run"][:2] == [True, True]
    assert told["run"][2].startswith("prune")


def test_the_charts_library_is_what_its_script_makes(browser: Path, tmp_path: Path) -> None:
    subprocess.run(["bash", str(VENDOR / "make.sh"), str(tmp_path)], check=True)
    for name in ("charts.min.js", "LICENSES.txt"):
        assert (tmp_path / name).read_bytes() == (VENDOR / name).read_bytes()
