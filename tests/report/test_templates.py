"""Templates of users stand before the built-in ones, and are held to the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recipec.diagnostics import UsageError
from recipec.report import Run, render_comparison, render_html, render_markdown
from recipec.report.overriding import VARIABLE, asked, check, choose
from recipec.run.record import RunRecord


def folder(root: Path, **files: str) -> Path:
    root.mkdir(exist_ok=True)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return root


def test_a_template_takes_the_place_of_the_one_of_its_name(done: RunRecord, tmp_path: Path) -> None:
    mine = folder(
        tmp_path / "a", gates__html__j2='<section id="gates">{{ gates|length }}</section>'
    )
    page = render_html(done, templates=[mine])
    assert '<section id="gates">2</section>' in page
    assert '<section id="layers"' in page


def test_a_template_extends_the_built_in_one_of_its_name(done: RunRecord, tmp_path: Path) -> None:
    text = (
        '{% extends "recipec/report.html.j2" %}'
        "{% block gates %}<p>ours: {{ title }}</p>{{ super() }}{% endblock %}"
    )
    page = render_html(done, templates=[folder(tmp_path / "a", report__html__j2=text)])
    assert "<p>ours: seven-steps</p>" in page
    assert '<section id="gates"' in page


def test_markdown_and_comparisons_can_be_overridden_too(done: RunRecord, tmp_path: Path) -> None:
    mine = folder(
        tmp_path / "a",
        report__md__j2="mine: {{ title }}\n",
        comparison__md__j2="{{ runs|length }} runs\n",
    )
    assert render_markdown(done, templates=[mine]) == "mine: seven-steps\n"
    assert render_comparison("x", [Run("a", done)], [mine])["report.md"] == "1 runs\n"


def test_the_first_folder_comes_before_the_others(done: RunRecord, tmp_path: Path) -> None:
    one = folder(tmp_path / "a", report__md__j2="one")
    two = folder(tmp_path / "b", report__md__j2="two", gates__html__j2="GATES OF TWO")
    assert render_markdown(done, templates=[one, two]) == "one"
    assert "GATES OF TWO" in render_html(done, templates=[one, two])


def test_style_and_script_of_ones_own_are_added(done: RunRecord, tmp_path: Path) -> None:
    mine = folder(
        tmp_path / "a", extra__css="h1 { color: teal }", extra__js="document.title += ' of ours';"
    )
    page = render_html(done, templates=[mine])
    assert "h1 { color: teal }" in page
    assert "<script>document.title += ' of ours';</script>" in page
    assert page.count("'sha256-") == page.count("<script>")


HOSTILE = "<script>alert(1)</script>\u202e"
WAYS = [
    "{{ title }}",
    "{{ title.short|string }}",
    "{% autoescape false %}{{ title.short }}{% endautoescape %}",
    "{% set t %}{{ title.short }}{% endset %}{{ t }}",
    "{% macro shown(t) %}{{ t }}{% endmacro %}{{ shown(title.short) }}",
    "{{ [title.short]|join }}",
    "{{ '%s'|format(title.short) }}",
]


@pytest.mark.parametrize("way", WAYS)
def test_what_a_template_shows_is_escaped(done: RunRecord, tmp_path: Path, way: str) -> None:
    record = done.model_copy(update={"name": HOSTILE})
    page = render_html(record, templates=[folder(tmp_path / "a", gates__html__j2=way)])
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "\u202e" not in page


REFUSED = [
    ("{{ title.short|safe }}", "No filter named 'safe'"),
    ("{{ nothing }}", "'nothing' is undefined"),
    ("{{ title.missing }}", "has no attribute 'missing'"),
    ("{{ title.__class__.__mro__ }}", "access to attribute '__class__'"),
    ("{{ ''.__class__ }}", "access to attribute '__class__'"),
    ("{{ 1 // 0 }}", "division"),
    ('{% include "../secret" %}', "../secret"),
    ('{% include "/etc/passwd" %}', "/etc/passwd"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_a_template_that_fails_is_told_with_its_place(
    done: RunRecord, tmp_path: Path, text: str, said: str
) -> None:
    mine = folder(tmp_path / "a", gates__html__j2=f"first\n{text}")
    with pytest.raises(UsageError) as caught:
        render_html(done, templates=[mine])
    (problem,) = caught.value.diagnostics
    assert problem.code == "report-template"
    assert said in problem.message
    assert f"{mine / 'gates.html.j2'}:2: " in problem.message


def test_a_script_cannot_end_its_element(done: RunRecord, tmp_path: Path) -> None:
    mine = folder(tmp_path / "a", extra__js="document.write('</script>')")
    with pytest.raises(UsageError, match="would end it"):
        render_html(done, templates=[mine])


@pytest.mark.parametrize("name", ["missing", "empty", "broken"])
def test_what_cannot_be_used_is_refused_before_anything_runs(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    folder(tmp_path / "broken", gates__html__j2="{% if %}")
    with pytest.raises(UsageError) as caught:
        check([tmp_path / name])
    assert caught.value.diagnostics[0].code == "report-template"
    assert str(tmp_path / name) in caught.value.diagnostics[0].message


def test_a_choice_holds_until_it_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    one, two = folder(tmp_path / "a", extra__css="a"), folder(tmp_path / "b", extra__css="b")
    undo = choose(one)
    assert asked() == (one,)
    inner = choose(two)
    assert asked() == (two, one)
    inner()
    undo()
    assert VARIABLE not in os.environ
    with pytest.raises(UsageError):
        choose(tmp_path / "missing")
    assert VARIABLE not in os.environ
