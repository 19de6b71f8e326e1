"""Sections of plugins: rendered in a sandbox; one that fails is a note, never a crash."""

from __future__ import annotations

import pytest

from recipec.api import ReportSection
from recipec.report import render_html, render_markdown
from recipec.run.record import RunRecord

TABLE = """\
<table>

<tr><td>{{ name }}</td><td>{{ "%.2f"|format(cost) }}</td></tr>
</table>
"""


def test_a_section_is_rendered_with_its_values_and_the_plugins_name(done: RunRecord) -> None:
    section = ReportSection("Cost", TABLE, {"name": "<GPU>", "cost": 1.234})
    page = render_html(done, [("acme", section)])
    assert "<td>&lt;GPU&gt;</td><td>1.23</td>" in page
    assert "by plugin <bdi>acme</bdi>" in page
    assert '<a href="#plugin-1"><bdi>Cost</bdi></a>' in page


def test_in_markdown_a_section_is_one_block_of_html(done: RunRecord) -> None:
    section = ReportSection("Cost", TABLE, {"name": "<GPU>", "cost": 1.234})
    markdown = render_markdown(done, [("acme", section)])
    assert "## Cost\n\n<div>\n<table>\n<tr><td>&lt;GPU&gt;</td>" in markdown


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ missing }}", "UndefinedError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{% if %}", "TemplateSyntaxError"),
        ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("{{ values.append(1) }}", "SecurityError"),
        ("{% for n in range(10 ** 9) %}{% endfor %}", "OverflowError"),
        ("{% include 'report.html.j2' %}", "no loader"),
        ("{{ 'x' * 300000 }}", "more than 200,000"),
        ("<div><p>open</div>", "closes &lt;div&gt;"),
        ("<div>", "leaves &lt;div&gt; open"),
        ("</section></main>", "closes &lt;section&gt;"),
        ("<!-- never closed", "a comment"),
        ("<a href='", "ends within a tag"),
        ("<script>alert(1)</script>", "has &lt;script&gt;"),
        ("<style>* { display: none }</style>", "has &lt;style&gt;"),
        ("<h1>Mine</h1>", "has &lt;h1&gt;"),
    ],
)
def test_a_section_that_fails_is_a_note_that_names_the_plugin(
    done: RunRecord, template: str, reason: str
) -> None:
    section = ReportSection("Cost", template, {"values": [0]})
    page = render_html(done, [("acme", section)])
    note = page[page.index("Plugin <bdi>acme</bdi> could not render this section") :]
    assert reason in note[: note.index("</section>")]
    assert page.replace("plugin-1", "").endswith("</html>\n")
    markdown = render_markdown(done, [("acme", section)])
    assert "Plugin `acme` could not render this section" in markdown


def test_one_section_that_fails_leaves_the_others(done: RunRecord) -> None:
    sections = [
        ("acme", ReportSection("Broken", "{{ missing }}")),
        ("other", ReportSection("Fine", "<p>{{ n }}</p>", {"n": 7})),
    ]
    page = render_html(done, sections)
    assert "could not render" in page
    assert "<p>7</p>" in page


def test_svg_is_welcome(done: RunRecord) -> None:
    svg = (
        '<svg viewBox="0 0 9 9" role="img"><title>A dot</title><circle cx="4" cy="4" r="3"/></svg>'
    )
    assert svg in render_html(done, [("acme", ReportSection("Chart", svg))])
