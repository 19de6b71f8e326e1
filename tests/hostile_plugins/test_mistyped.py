"""Hooks that return something else than they should: told, and what was right is used."""

from hostile_plugins.conftest import results, warned

PLUGIN = "of plugin 'mistyped' (recipec-mistyped 1.2)"


def test_hooks_that_return_something_else_are_told(hostile, peaceful):
    bench = hostile("mistyped")
    record = bench.run()
    assert results(record) == peaceful
    assert warned(record, "check-failed") == [
        f"recipec_check_plan {PLUGIN} raised TypeError: it returned a str, not a list"
    ]
    (told,) = warned(record, "lint-failed")
    assert told.startswith(f"mistyped.odd {PLUGIN} returned PlanView(")
    assert told.endswith(", which is no Finding")


def test_a_field_of_another_type_is_told_too(hostile):
    record = hostile("mistyped").run("seed: 1\n" + hostile_recipe())
    assert warned(record, "check-failed") == [
        f"recipec_check_plan {PLUGIN} returned a Finding whose stage is ['a', 'list']"
    ]


def test_a_right_section_is_in_the_report_beside_the_note_on_the_wrong_ones(hostile):
    bench = hostile("mistyped")
    bench.run()
    page = (bench.folder / "out" / "report.html").read_text()
    assert "<p>7</p>" in page
    assert "recipec_report_sections of plugin" in page
    assert "which is no ReportSection" in page


def hostile_recipe():
    from toys.bench import TOY_RECIPE

    return TOY_RECIPE
