"""The plan as text, for review: what runs, what is reused, what is blocked, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import click

from recipec.api import DataSamples, Facts, ImportString, LayerTable, Model, Unknown
from recipec.plan.measure import measured_names
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning
from recipec.plan.references import references

SYMBOLS: Final = {"run": "+", "reuse": "=", "blocked": "!", "reference": "·"}
_COLOURS: Final = {"run": "green", "reuse": "cyan", "blocked": "red", "reference": None}


def plan_text(plan: Plan, planning: Planning, colour: bool = False) -> str:
    """Render a plan. Without `colour` the text holds no escape codes."""
    text = "\n".join(_lines(plan, planning)) + "\n"
    return text if colour else click.unstyle(text)


def _lines(plan: Plan, planning: Planning) -> Iterator[str]:
    counted = {a: sum(n.action == a for n in plan.stages) for a in ("run", "reuse", "blocked")}
    counts = ", ".join(f"{n} {action}" for action, n in counted.items() if n or action != "blocked")
    yield click.style(f"plan of {plan.name}", bold=True) + f": {len(plan.stages)} stages: {counts}"
    yield f"seed {plan.seed}, threads {plan.threads}" + (
        f", baseline {plan.baseline}" if plan.baseline else ""
    )
    if plan.data:
        yield ""
        yield click.style("data", bold=True)
        width = max(len(node.id) for node in plan.data) - len("data.")
        for node in plan.data:
            yield f"  {_symbol(node)} {node.id.removeprefix('data.'):<{width}}  {_data(node)}"
    yield ""
    yield click.style("stages", bold=True)
    for node in plan.stages:
        yield from _stage(node, plan, planning)
    if plan.measurements:
        yield ""
        yield click.style("measurements", bold=True)
        yield from _measurements(plan, planning)
    if plan.gates:
        yield ""
        yield click.style("gates", bold=True)
        for gate in plan.gates:
            (name, wanted), *_ = gate.conditions.items()
            against = gate.against or plan.baseline
            other = f" against {against}" if name in ("max_drop", "min_ratio") else ""
            yield f"  {gate.stage}: {gate.metric} {name} {wanted}{other}"
    yield ""
    yield click.style("outputs", bold=True)
    for id in plan.outputs:
        node = plan.node(id)
        kinds = ", ".join(facts.kind for facts in node.outputs.values())
        blocked = f"  ({node.reason})" if node.action == "blocked" else ""
        yield f"  {_symbol(node)} {id}  {kinds}{blocked}"
    for diagnostic in plan.diagnostics:
        yield ""
        yield click.style(str(diagnostic), fg="yellow")


def _symbol(node: Node) -> str:
    if isinstance(node.action, Unknown):
        return "?"
    return click.style(SYMBOLS[node.action], fg=_COLOURS[node.action], bold=True)


def _data(node: Node) -> str:
    facts = node.outputs.get("samples")
    if not isinstance(facts, DataSamples):
        return node.operator
    count = "?" if isinstance(facts.count, Unknown) else str(facts.count)
    inputs = "" if isinstance(facts.inputs, Unknown) else ", ".join(map(str, facts.inputs))
    classes = f", {facts.classes} classes" if isinstance(facts.classes, int) else ""
    digest = next(iter(node.digests.values()), "")[:12]
    return f"{node.operator}  {count} samples of {inputs}{classes}" + (
        f"  sha256:{digest}" if digest else ""
    )


def _stage(node: Node, plan: Plan, planning: Planning) -> Iterator[str]:
    action = "?" if isinstance(node.action, Unknown) else node.action
    yield (
        f"  {_symbol(node)} {click.style(node.id, bold=True)}  {node.operator}@{node.version}"
        f"  {action}: {node.reason}"
    )
    if given := {name: node.params[name] for name in node.given if name in node.params}:
        yield "      with " + ", ".join(f"{name}: {short(value)}" for name, value in given.items())
    before = _model_before(node, plan)
    if node.model is not None:
        yield "      " + _change(before, node.model)
    for effect in node.effects:
        yield f"      {effect}"
    named = list(references(planning.operator(node).with_))
    for path, reference in named:
        if isinstance(reference, ImportString):
            where = planning.file(reference.module) if reference.is_file else reference.module
            yield f"      imports {where}" + (f" ({'.'.join(map(str, path))})" if path else "")
    sources = [e.node for e in node.inputs.values()]
    if sources:
        yield f"      from {', '.join(dict.fromkeys(sources))}"


def _model_before(node: Node, plan: Plan) -> Model | None:
    for edge in node.inputs.values():
        facts: Facts | None = plan.node(edge.node).outputs.get(edge.port)
        if isinstance(facts, Model):
            return facts
    return None


def _change(before: Model | None, after: Model) -> str:
    """Say what a stage does to the model: parameters, multiply-adds, bytes, precision."""
    new = after.layers
    old = before.layers if before is not None else new
    if isinstance(new, Unknown):
        parts = [f"{after.kind}: layers (known after it is made)"]
    elif isinstance(old, Unknown):
        parts = [after.kind, *_numbers(new, new)]
    else:
        parts = [after.kind, *_numbers(old, new)]
    if not isinstance(after.precision, Unknown):
        was = None if before is None else before.precision
        changed = was is not None and not isinstance(was, Unknown) and was != after.precision
        parts.append(f"{was} → {after.precision}" if changed else str(after.precision))
    return "  ".join(parts)


def _numbers(before: LayerTable, after: LayerTable) -> list[str]:
    return [
        _number("parameters", before.parameters, after.parameters),
        _number("multiply-adds", before.macs, after.macs),
        _number("bytes", before.bytes, after.bytes),
    ]


def _number(name: str, before: int, after: int) -> str:
    if before == after:
        return f"{name} {after:,}"
    share = f" ({(after - before) / before:+.0%})" if before else ""
    return f"{name} {before:,} → {after:,}{share}"


def _measurements(plan: Plan, planning: Planning) -> Iterator[str]:
    groups: dict[tuple[Any, ...], list[str]] = {}
    for node in plan.measurements:
        names = measured_names(node, planning)
        for port, edge in node.inputs.items():
            if edge.is_data:
                continue
            if port in node.unmeasured or node.action == "blocked":
                why = node.unmeasured.get(port, node.reason)
                groups.setdefault(("blocked", names, why), []).append(edge.node)
            else:
                groups.setdefault((node.action, names, ""), []).append(edge.node)
    for (action, names, why), stages in groups.items():
        symbol = SYMBOLS.get(action, "?")
        symbol = click.style(symbol, fg=_COLOURS.get(action), bold=True)
        yield f"  {symbol} {', '.join(names)}"
        yield f"      on {', '.join(stages)}" + (f": {why}" if why else "")


def short(value: Any, limit: int = 60) -> str:
    """Write a parameter's value on one line, in the recipe's notation."""
    if isinstance(value, dict):
        inner = ", ".join(f"{k}: {short(v)}" for k, v in value.items() if v is not None)
        text = f"{{{inner}}}"
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(short(v) for v in value)}]"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
