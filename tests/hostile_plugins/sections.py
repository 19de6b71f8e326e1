"""Its sections of the report raise, loop, and try to break out of the page."""

from recipec.api import ReportSection, hookimpl

FOREVER = (
    "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}"
)


@hookimpl
def recipec_report_sections(record):
    yield ReportSection("Cost", "<p>{{ seconds }} s</p>", {"seconds": "<script>alert(1)</script>"})
    yield ReportSection("Script", "<script>alert(1)</script>")
    yield ReportSection("Missing", "{{ nothing }}")
    yield ReportSection("Reaching", "{{ ''.__class__.__mro__ }}")
    yield ReportSection("Endless", FOREVER + "{% endfor %}{% endfor %}")
