"""`--templates DIR`: a folder of one's own before the report's templates."""

import os

import pytest

from recipec.report.overriding import VARIABLE


@pytest.fixture
def ours(recipec):
    folder = recipec.folder / "ours"
    folder.mkdir()
    (folder / "report.md.j2").write_text("ours: {{ title }}, {{ status.badge.word }}\n")
    return folder


def test_a_run_is_reported_with_them(recipec, ours):
    code, _, _ = recipec("compile", "recipe.yaml", "-o", "out", "--templates", "ours")
    assert code == 0
    assert (recipec.folder / "out" / "report.md").read_text() == "ours: toy, done\n"
    assert VARIABLE not in os.environ


def test_a_report_is_made_again_with_them_and_without(recipec, ours):
    recipec("compile", "recipe.yaml", "-o", "out")
    before = (recipec.folder / "out" / "report.md").read_text()
    assert recipec("report", "out", "--templates", "ours")[0] == 0
    assert (recipec.folder / "out" / "report.md").read_text() == "ours: toy, done\n"
    assert recipec("report", "out")[0] == 0
    assert (recipec.folder / "out" / "report.md").read_text() == before


def test_the_environment_can_name_them(recipec, ours, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(ours))
    recipec("compile", "recipe.yaml", "-o", "out")
    assert (recipec.folder / "out" / "report.md").read_text() == "ours: toy, done\n"


def test_what_cannot_be_read_is_refused_before_anything_runs(recipec, ours):
    (ours / "gates.html.j2").write_text("{% if %}")
    code, _, err = recipec("compile", "recipe.yaml", "-o", "out", "--templates", "ours")
    assert code == 2
    assert "error[report-template]" in err
    assert "gates.html.j2:1:" in err
    assert not (recipec.folder / "out").exists()


def test_one_that_fails_costs_a_warning_and_no_run(recipec, ours):
    (ours / "gates.html.j2").write_text("{{ nothing }}")
    code, _, err = recipec("compile", "recipe.yaml", "-o", "out", "--templates", "ours")
    assert code == 0
    assert "the report is made with the built-in templates" in err
    assert "gates.html.j2:1: 'nothing' is undefined" in err
    assert "<h2 id=" in (recipec.folder / "out" / "report.html").read_text()


def test_making_a_report_again_says_what_failed_and_keeps_the_old_one(recipec, ours):
    recipec("compile", "recipe.yaml", "-o", "out")
    before = (recipec.folder / "out" / "report.html").read_text()
    (ours / "gates.html.j2").write_text("\n{{ 1 // 0 }}")
    code, _, err = recipec("report", "out", "--templates", "ours")
    assert code == 2
    assert "gates.html.j2:2: " in err
    assert (recipec.folder / "out" / "report.html").read_text() == before


def test_the_report_of_all_variants_is_made_again(recipec):
    recipec.change("outputs:", "matrix: {stages.small.with.amount: [0.25, 0.5]}\noutputs:")
    recipec("compile", "recipe.yaml", "-o", "out")
    page = recipec.folder / "out" / "report.md"
    before = page.read_text()
    page.unlink()
    assert recipec("report", "out")[0] == 0
    assert page.read_text() == before.replace("# toy:", "# out:")
