"""The plan as a graph: what takes what."""

from __future__ import annotations

from typing import Final

from recipec.report import formats
from recipec.report.charting.rows import chosen, givers
from recipec.report.context import Graph, GraphEdge, GraphNode, NodeSort, Text
from recipec.report.measured import STATUS, promises
from recipec.report.text import clip, name
from recipec.run.record import RunRecord

LIMIT: Final = 120
"""Nodes that are drawn; a larger graph can't be read."""


def graph(record: RunRecord) -> Graph:
    """Give data, stages and measurements, and their connections.

    Measurements are one node, as each of them is about one stage, or about all. Where there are too
    many stages, those that lead to no output are left out first.
    """
    stages = [stage.id for stage in record.stages]
    kept = chosen(stages, promises(record), givers(record, set(stages)), LIMIT)
    note = ""
    if len(kept) < len(stages):
        note = f"{len(kept)} of {formats.some(len(stages), 'stage')} are drawn"
    ids = {f"data.{entry.name}": n for n, entry in enumerate(record.data)}
    nodes = [GraphNode(name(d.name), "data", name(d.operator), None, False) for d in record.data]
    promised, shown = set(promises(record)), set(kept)
    drawn = [stage for stage in record.stages if stage.id in shown]
    for stage in drawn:
        ids[stage.id] = len(nodes)
        sort: NodeSort = "stage" if stage.inputs else "model"
        badge = STATUS[stage.status]
        nodes.append(
            GraphNode(name(stage.id), sort, name(stage.operator), badge, stage.id in promised)
        )
    edges = [
        GraphEdge(ids[giver], ids[stage.id], name(port))
        for stage in drawn
        for port, giver in stage.inputs.items()
        if giver in ids
    ]
    if record.measurements:
        by = dict.fromkeys(node.operator.rpartition(".")[2] for node in record.measurements)
        took = dict.fromkeys(g for m in record.measurements for g in m.inputs.values())
        edges += [GraphEdge(ids[g], len(nodes), Text("measured")) for g in took if g in ids]
        what = formats.some(len(record.measurements), "measurement")
        nodes.append(GraphNode(Text(what), "measurement", clip(", ".join(by), 80), None, False))
    return Graph(tuple(nodes), tuple(edges), note)
