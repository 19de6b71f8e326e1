"""The context of the report's templates: what they may use.

`Report` names every variable of a run's report, `Comparison` those of a comparison of runs; the
other classes are what those hold. All values are finished text (units, rounding and wording are
decided in the view), except geometry, chart data and sort keys. A value that came from outside, and
may be long, is a `Text`. docs/report.md is made from these modules.
"""

from recipec.report.context.charts import (
    Axis,
    Graph,
    GraphEdge,
    GraphNode,
    LayerData,
    NodeSort,
    Point,
    Scatter,
    Step,
    Waterfall,
)
from recipec.report.context.comparison import (
    ComparedRow,
    ComparedRun,
    Comparison,
    Difference,
)
from recipec.report.context.layers import LayerRow, Layers, Shift
from recipec.report.context.numbers import Column, Measured, Number, Row
from recipec.report.context.planned import Compared, Expectations, ExpectedRow, PlannedRow
from recipec.report.context.provenance import Finding, Machine, Recipe, Section
from recipec.report.context.report import Report
from recipec.report.context.stages import Data, Made, Stage
from recipec.report.context.summary import (
    Bought,
    Cell,
    Change,
    Form,
    Gate,
    Output,
    Problem,
    Status,
    Tile,
)
from recipec.report.context.words import Badge, Look, Pair, Text, Tone

__all__ = [
    "Axis",
    "Badge",
    "Bought",
    "Cell",
    "Change",
    "Column",
    "Compared",
    "ComparedRow",
    "ComparedRun",
    "Comparison",
    "Data",
    "Difference",
    "Expectations",
    "ExpectedRow",
    "Finding",
    "Form",
    "Gate",
    "Graph",
    "GraphEdge",
    "GraphNode",
    "LayerData",
    "LayerRow",
    "Layers",
    "Look",
    "Machine",
    "Made",
    "Measured",
    "NodeSort",
    "Number",
    "Output",
    "Pair",
    "PlannedRow",
    "Point",
    "Problem",
    "Recipe",
    "Report",
    "Row",
    "Scatter",
    "Section",
    "Shift",
    "Stage",
    "Status",
    "Step",
    "Text",
    "Tile",
    "Tone",
    "Waterfall",
]
