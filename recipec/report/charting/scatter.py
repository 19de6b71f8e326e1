"""Size, quality and latency of all models, with the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from recipec.api import Metric
from recipec.report import formats
from recipec.report.charting.pareto import front
from recipec.report.charting.scales import around, finite, spread
from recipec.report.context import Axis, Point, Scatter, Text
from recipec.report.facts import NOTHING
from recipec.report.measured import Table, promises
from recipec.report.metrics import BY_LAYER, label
from recipec.report.text import name

Role = Literal["baseline", "output", "plain"]


class Model(NamedTuple):
    """A model that may be a point: what it is called, what it is, and its metrics by name."""

    name: Text
    role: Role
    metrics: dict[str, Metric]


def models_of(table: Table, run: str | None = None) -> list[Model]:
    """Give the models that a run made, with the run's name before theirs where there are several
    runs."""
    promised = promises(table.record)
    found = []
    for stage, model in table.models.items():
        if model.made is not None:
            role: Role = "output" if stage in promised else "plain"
            whole = stage if run is None else f"{run}: {stage}"
            role = "baseline" if stage == table.baseline else role
            found.append(Model(name(whole), role, table.numbers.get(stage, {})))
    return found


def scatter(models: Sequence[Model], id: str = "tradeoff") -> Scatter | None:
    """Draw the models that have a size and a quality; None where fewer than two have both.

    The size is `size.disk`, or else the parameters; the quality the first share that is better
    higher; the latency the first p50. Latency is left out where nothing has it.
    """
    names = list(dict.fromkeys(n for model in models for n in model.metrics))
    size = next((n for n in ("size.disk", "parameters") if n in names), None)
    quality = next((n for n in names if _quality(models, n)), None)
    latency = next((n for n in names if n.startswith("latency.p50")), None)
    if size is None or quality is None:
        return None
    shown = [m for m in models if size in m.metrics and quality in m.metrics]
    if len(shown) < 2:
        return None
    timed = latency is not None and any(latency in m.metrics for m in shown)
    chosen = [size, quality] + ([latency] if timed and latency is not None else [])
    values = [tuple(_value(m, name) for name in chosen) for m in shown]
    axes = tuple(_axis(shown, name) for name in chosen)
    on = front(values, [axis.better for axis in axes])
    points = tuple(
        Point(m.name, m.role, is_on, value, tuple(_text(m, name) for name in chosen))
        for m, is_on, value in zip(shown, on, values, strict=True)
    )
    return Scatter(id, axes, points, _note(axes, len(models) - len(shown)))


def _quality(models: Sequence[Model], name: str) -> bool:
    found = finite(m.metrics.get(name) for m in models)
    # What training tells of itself was measured on what it learnt from.
    return (
        not name.endswith(".train")
        and BY_LAYER not in name
        and all(m.unit == "share" and m.better == "higher" for m in found)
    )


def _axis(models: Sequence[Model], name: str) -> Axis:
    found = finite(m.metrics.get(name) for m in models)
    if found[0].unit == "share":
        anchors = [m.metrics[name].value for m in models if m.role == "baseline"]
        return around(label(name), found, max(anchors, default=None))
    return spread(label(name), found)


def _value(model: Model, name: str) -> float | None:
    metric = model.metrics.get(name)
    return None if metric is None else metric.value


def _text(model: Model, name: str) -> str:
    metric = model.metrics.get(name)
    if metric is None:
        return NOTHING
    detail = formats.interval(metric)
    return formats.quantity(metric.value, metric.unit) + (f" ({detail})" if detail else "")


def _note(axes: Sequence[Axis], missing: int) -> str:
    named = ", ".join(axis.label for axis in axes[:-1]) + f" and {axes[-1].label}"
    note = f"A ring marks the Pareto front of {named}: no other model is as good in all of them"
    note += " and better in one, by the values as measured."
    if missing:
        note += f" Without size or quality, and left out: {formats.some(missing, 'model')}."
    return note
