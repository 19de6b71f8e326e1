"""The page as a reader, a keyboard and a printer meet it: parsed, not compared."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from recipec.report import render_html
from recipec.run.record import RunRecord

VOID = {"meta", "rect", "line", "circle", "path", "br"}


class Page(HTMLParser):
    """Elements with their attributes and the text within them, and whether they are balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module", params=["done", "failed", "gate_failed"])
def page(request: pytest.FixtureRequest) -> Page:
    return Page(render_html(request.getfixturevalue(request.param)))


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []


def test_ids_are_unique_and_every_link_within_the_page_has_a_target(page: Page) -> None:
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in page.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    labels = [a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a]
    assert set(labels) <= set(ids)


def test_the_page_needs_nothing_from_elsewhere(page: Page) -> None:
    assert all(a["href"].startswith(("#", "./")) for a in page.all("a"))
    assert not any("src" in a for _, a in page.elements)
    assert page.all("link") == page.all("img") == []


def test_its_policy_admits_its_own_script_and_no_other(done: RunRecord) -> None:
    html = render_html(done)
    policy = next(
        a["content"] for a in Page(html).all("meta") if "Content-Security-Policy" in a.values()
    )
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.S)
    digests = [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts
    ]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert f"script-src {allowed} ;" in policy
    assert "default-src 'none'" in policy


def test_tables_have_captions_and_headers_a_scope(page: Page) -> None:
    assert page.all("table")
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in a for a in page.all("th"))


def test_headings_leave_out_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_what_scrolls_can_be_reached_with_the_keyboard(page: Page) -> None:
    scrolled = [a for a in page.all("div") if a.get("class") == "scroll"]
    assert scrolled
    for region in (*scrolled, *page.all("pre")):
        assert region["tabindex"] == "0"


def test_the_sections_come_in_order(page: Page) -> None:
    sections = [a["id"] for a in page.all("section") if "id" in a]
    assert sections == [
        "summary",
        "numbers",
        "gates",
        "planned",
        "expected",
        "layers",
        "stages",
        "data",
        "environment",
        "diagnostics",
        "recipe",
    ]
