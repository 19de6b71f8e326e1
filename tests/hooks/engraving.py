"""A third party's plugin: a kind of artifact with facts of its own, an operator that makes it, and
a section of the report with a chart of it."""

import json

from recipec.api import (
    UNKNOWN,
    Model,
    Operator,
    Port,
    ReportSection,
    StagePlan,
    StageResult,
    Unknown,
    hookimpl,
)
from toys.kinds import ToyFacts

CHART = """
<table><tr><th>plate</th><th>lines</th></tr>
{% for plate in plates %}
<tr><td>{{ plate.id }}</td><td>{{ plate.lines }} in {{ plate.metal }}</td></tr>
{% endfor %}
</table>
<svg viewBox="0 0 100 20" role="img"><title>Lines by plate</title>
{% for plate in plates %}<rect x="0" y="0" width="{{ plate.lines * 10 }}" height="9"/>{% endfor %}
</svg>
"""


class Plate(Model):
    """`numbers` is how many are engraved, `metal` in what."""

    kind = "engraving.plate"
    suffix = ".plate"
    numbers: int | Unknown = UNKNOWN
    metal: str | Unknown = UNKNOWN


class Engrave(Operator):
    id = "engraving.engrave"
    version = 1
    summary = "Engrave the numbers of a model."
    inputs = {"model": Port(ToyFacts, "the model")}
    outputs = {"plate": Port(Plate, "the plate")}

    def plan(self, inputs, context):
        return StagePlan({"plate": Plate(numbers=inputs["model"].numbers, metal="copper")})

    def run(self, inputs, context):
        numbers = json.loads(inputs["model"].path.read_text())
        context.path_for("plate").write_text("\n".join(map(str, numbers)))
        return StageResult({"plate": Plate(numbers=len(numbers), metal="copper")})


@hookimpl
def recipec_artifact_kinds():
    return [Plate]


@hookimpl
def recipec_operators():
    return [Engrave]


@hookimpl
def recipec_report_sections(record):
    plates = [
        {"id": f"<{stage['id']}>", "lines": facts["numbers"], "metal": facts["metal"]}
        for stage in record["stages"]
        for facts in stage["made"].values()
        if facts["kind"] == "engraving.plate"
    ]
    return [ReportSection("Engraving", CHART, {"plates": plates})]
