"""Its hooks return what they mustn't."""

from recipec.api import Finding, Lint, ReportSection, hookimpl

LINT = Lint("mistyped.odd", "something odd", "hostile_plugins:odd.md", lambda plan: [plan])


@hookimpl
def recipec_check_plan(plan):
    return [Finding("fine", stage=["a", "list"])] if plan.seed else "looks good to me"


@hookimpl
def recipec_lints():
    return [LINT]


@hookimpl
def recipec_report_sections(record):
    return [
        ("Title", "<p>text</p>"),
        ReportSection("Numbers", 7),
        ReportSection("Right", "<p>7</p>"),
    ]
