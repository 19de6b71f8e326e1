"""Numbers that are too good: samples that a model has learnt from, and is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recipec.api import Finding, Lint, PlanView, RecipePath, StageView

_DOES: Mapping[str, str] = {
    "trains": "trains on",
    "calibrates": "calibrates on",
    "selects": "selects by",
}


def _identity(data: StageView) -> str:
    """Give what is equal for the same samples under two names: their digest, or what makes them."""
    return next(iter(data.digests.values()), "") or f"{data.operator} {data.params}"


def _judged(plan: PlanView) -> Mapping[str, tuple[StageView, RecipePath]]:
    """Give the data that the quality of models is measured on, by identity, with its place."""
    found: dict[str, tuple[StageView, RecipePath]] = {}
    asked: set[str] = set()
    for measured in plan.measured.values():
        for one in measured:
            quality = "quality" in one.metrics.values()
            if one.data is not None and quality and one.data not in asked:
                asked.add(one.data)
                data = plan.node(one.data)
                found.setdefault(_identity(data), (data, one.data_at))
    return found


def _learnt(plan: PlanView) -> Iterator[tuple[StageView, str, str, StageView]]:
    """Give all that stages learn from: stage, port, how, data."""
    for stage in plan.stages:
        for port, learning in stage.learns_from.items():
            if port in stage.inputs:
                yield stage, port, learning.how, plan.node(stage.inputs[port].node)


def _seen(plan: PlanView) -> Iterator[Finding]:
    judged = _judged(plan)
    for stage, port, how, data in _learnt(plan):
        other, _ = judged.get(_identity(data), (None, ()))
        if other is not None:
            name, same = _name(data), data.id == other.id
            what = (
                f"{name!r}, " if same else f"{name!r}, which has the samples of {_name(other)!r}, "
            )
            yield Finding(
                f"{stage.id!r} {_DOES[how]} {what}and the quality of models is measured on it: "
                "the numbers will be too good",
                stage=stage.id,
                hint="measure on samples that no stage has seen, such as a test split",
                at=stage.parameter(*port.split(".")),
            )


def _test(plan: PlanView) -> Iterator[Finding]:
    judged = _judged(plan)
    for stage, port, how, data in _learnt(plan):
        if (
            data.samples is not None
            and data.samples.split == "test"
            and _identity(data) not in judged
        ):
            yield Finding(
                f"{stage.id!r} {_DOES[how]} {_name(data)!r}, which is a test split: "
                "no number measured on it later is worth anything",
                stage=stage.id,
                hint="use the train or the validation split",
                at=stage.parameter(*port.split(".")),
            )


def _training(plan: PlanView) -> Iterator[Finding]:
    judged = _judged(plan)
    seen = {_identity(data) for *_, data in _learnt(plan)}
    for identity, (data, at) in judged.items():
        if identity not in seen and data.samples is not None and data.samples.split == "train":
            yield Finding(
                f"the quality of models is measured on {_name(data)!r}, which is a training split",
                hint="measure on a validation or test split",
                at=at,
            )


def _name(data: StageView) -> str:
    return data.id.removeprefix("data.")


SEEN = Lint(
    "evaluated-on-seen-data",
    "a model is trained, calibrated or selected on the samples that it is judged by",
    "recipec:explanations/evaluated-on-seen-data.md",
    _seen,
)
TEST = Lint(
    "learns-from-test",
    "a stage trains, calibrates or selects on a test split",
    "recipec:explanations/learns-from-test.md",
    _test,
)
TRAINING = Lint(
    "measured-on-training-split",
    "quality is measured on a training split",
    "recipec:explanations/measured-on-training-split.md",
    _training,
)
