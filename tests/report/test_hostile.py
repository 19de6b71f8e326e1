"""Text from outside is shown as text: no markup, no reordering, no page that never ends."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from recipec.report import render_html, render_markdown
from recipec.run.record import RunRecord

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% for x in y %} {# no #}",
    "</title></style></script></textarea>-->",
    "javascript:alert(1)",
    "left \u202e txet desrever \u2066 and \u200f marks",
    "nul \x00 escape \x1b[31m bell \x07",
    "lone surrogate \ud800 here",
    "한국어 이름이 아주 길게 이어지는 단계 이름",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "a | b || c \\| d ` e `` f",
    "# heading\n## another\n\n- item\n1. one\n> quote\n---\n```\ncode",
    "[link](https://example.org) ![image](x.png) <https://example.org> www.example.org",
    "@everyone see #1 *bold* _it_ ~~gone~~ $x$ &lt; &amp;",
    "../../etc/passwd",
    "",
    " ",
]
LONG = "x" * 10_000
PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


def poisoned(value: Any, text: str, *, keep: frozenset[str]) -> Any:
    """Put hostile text in place of every string of the record's JSON, and of every free key."""
    if isinstance(value, dict):
        return {
            key: item if key in keep else poisoned(item, text, keep=keep)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [poisoned(item, text, keep=keep) for item in value]
    return text if isinstance(value, str) else value


FIXED = frozenset(
    {
        "format",
        "status",
        "verdict",
        "unit",
        "better",
        "role",
        "severity",
        "layers",
        "inputs",
        "outputs",
        "estimate",
    }
)
"""Fields that can't hold any text: closed vocabularies, and structures with a form of their own."""


def poison(record: RunRecord, text: str) -> RunRecord:
    """Put hostile text everywhere; what names something stays apart by a number after it."""
    data = poisoned(record.model_dump(mode="json"), text, keep=FIXED)
    for number, stage in enumerate(data["stages"]):
        stage["id"] = f"{text}{number}"
        stage["params"] = {f"{text}{n}": value for n, value in enumerate(stage["params"].values())}
        stage["inputs"] = {text: text}
        for n, metric in enumerate(stage["metrics"]):
            metric.update(name=f"{text}{n}", subject=None)
        for facts in stage["made"].values():
            table = facts["layers"] if isinstance(facts["layers"], dict) else {"layers": ()}
            for n, layer in enumerate(table["layers"]):
                layer.update(name=f"{text}{n}", type=text, folds_into=text)
    data["baseline"] = f"{text}1"
    for output, stage in zip(data["outputs"], (5, 9), strict=True):
        output.update(stage=f"{text}{stage}", kind=text, path=text, digest=text)
    data["environment"]["packages"] = {text: text}
    return RunRecord.model_validate(data)


@pytest.fixture(scope="module")
def harmless(done: RunRecord) -> RunRecord:
    """The same record with a word in place of the hostile text."""
    return poison(done, "harmless")


@pytest.fixture(scope="module")
def harmless_tags(harmless: RunRecord) -> set[tuple[str, ...]]:
    return set(Tags(render_html(harmless)).tags)


@pytest.fixture(scope="module")
def harmless_markdown(harmless: RunRecord) -> str:
    return render_markdown(harmless)


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, ...]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_adds_no_element_and_no_attribute(
    done: RunRecord, harmless_tags: set[tuple[str, ...]], text: str
) -> None:
    assert set(Tags(render_html(poison(done, text))).tags) <= harmless_tags | {
        ("details", "class"),
        ("bdi", "class"),
    }


@pytest.mark.parametrize("text", HOSTILE[:6], ids=range(6))
def test_hostile_text_can_be_read_in_the_page(done: RunRecord, text: str) -> None:
    page = Tags(render_html(poison(done, text)))
    assert any(text in shown for shown in page.text)


def test_marks_that_reorder_text_are_shown_by_their_number(done: RunRecord) -> None:
    for render in (render_html, render_markdown):
        shown = render(poison(done, HOSTILE[6]))
        assert "⟨U+202E⟩" in shown
        assert not set("\u202e\u2066\u200f") & set(shown)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_both_reports_can_be_written_as_utf8(done: RunRecord, text: str) -> None:
    record = poison(done, text)
    assert render_html(record).encode()
    assert render_markdown(record).encode()


def test_long_text_is_cut_visibly_and_kept_whole(done: RunRecord) -> None:
    record = done.model_copy(update={"name": LONG})
    page = render_html(record)
    assert "all 10,000 characters" in page
    assert LONG in page
    assert f"<title>{'x' * 120}…: done</title>" in page


def test_a_record_full_of_long_text_stays_below_a_megabyte_of_markdown(done: RunRecord) -> None:
    markdown = render_markdown(poison(done, LONG))
    assert len(markdown) < 200_000
    assert "x" * 2001 not in markdown


def test_links_to_outputs_stay_beside_the_report(done: RunRecord) -> None:
    for text in ("javascript:alert(1)", "//example.org/x", "data:text/html,x"):
        output = done.outputs[0].model_copy(update={"path": text})
        page = render_html(done.model_copy(update={"outputs": (output,)}))
        assert f'href="{text}' not in page
        assert 'href="./' in page


def cells(markdown: str) -> list[int]:
    """How many cells each row of each table has."""
    rows = []
    for token in PARSER.parse(markdown):
        if token.type == "tr_open":
            rows.append(0)
        elif token.type in ("td_open", "th_open"):
            rows[-1] += 1
    return rows


def structure(markdown: str) -> list[str]:
    """The Markdown's blocks and inline elements, as a renderer sees them, without their text."""
    found = []
    for token in PARSER.parse(markdown):
        found.append(token.type)
        for child in token.children or ():
            # A comment splits what GitHub would take for a mention; it shows nothing.
            if child.type == "html_inline" and child.content in ("<!-- -->", "<br>"):
                continue
            if child.type not in ("text", "text_special", "code_inline"):
                found.append(child.type)
    return found


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_changes_nothing_in_the_markdowns_structure(
    done: RunRecord, harmless_markdown: str, text: str
) -> None:
    hostile = render_markdown(poison(done, text))
    assert structure(hostile) == structure(harmless_markdown)
    assert cells(hostile) == cells(harmless_markdown)


def test_nobody_is_mentioned_by_a_pull_request(done: RunRecord) -> None:
    markdown = render_markdown(poison(done, "@everyone fixes #1"))
    assert "@everyone" not in markdown.replace("`@everyone", "")
    assert "@<!-- -->everyone" in markdown
