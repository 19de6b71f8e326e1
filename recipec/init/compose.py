"""A wish and what plugins offer → the text of a recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipec.api.recipe_parts import MetricPart
from recipec.diagnostics import Diagnostic, UsageError, error
from recipec.init.fill import Missing, fill
from recipec.init.offers import Offers
from recipec.init.pipeline import Pipeline, pipeline
from recipec.init.wish import Wish
from recipec.init.write import comment, document, use, value
from recipec.recipe.model import API_VERSION

ROLES = ("train", "validation", "test")


def compose(wish: Wish, offers: Offers, schema: str, file: str) -> str:
    """Write the recipe. `schema` is where editors find its schema, `file` what it will be called.

    Raises UsageError when an answer is missing, or nothing serves the wish.
    """
    answers: dict[str, Any] = {
        **wish.answers,
        **_roles(wish),
        "model": wish.built_by,
        "weights": wish.weights,
        "shape": None if wish.shape is None else list(wish.shape),
        "max_drop": wish.max_drop,
    }
    try:
        return document(_blocks(wish, offers, pipeline(wish, offers), answers, schema, file))
    except Missing as missing:
        raise UsageError(_asked(missing.args[0], wish)) from missing


def _blocks(
    wish: Wish, offers: Offers, plan: Pipeline, answers: Mapping[str, Any], schema: str, file: str
) -> Iterator[Iterator[str]]:
    yield _head(wish, schema, file)
    yield _model(wish, answers)
    yield _data(wish, answers)
    yield _measure(wish, offers, answers)
    yield _stages(plan, answers)
    yield _promises(wish, offers, plan, answers)


def _head(wish: Wish, schema: str, file: str) -> Iterator[str]:
    yield f"# yaml-language-server: $schema={schema}"
    yield "# Made by `recipec init`. What to do with it:"
    yield f"#   recipec compile {file} --dry-run   shows what will run, and what it does to layers"
    yield f"#   recipec compile {file}             runs it, and writes a report"
    yield f"apiVersion: {API_VERSION}"
    yield f"name: {wish.name}"
    yield "seed: 0  # of everything random: the same recipe makes the same model again"
    yield "threads: 1  # of the CPU; results and timings belong to this number"


def _model(wish: Wish, answers: Mapping[str, Any]) -> Iterator[str]:
    yield from comment(wish.model.comment)
    yield "model:"
    params = fill(wish.model.params, answers)
    more = {name: inner for name, inner in wish.model.more.items() if name not in params}
    yield from use(wish.model.uses, params, more, "  ")


def _data(wish: Wish, answers: Mapping[str, Any]) -> Iterator[str]:
    yield from comment(wish.data.comment)
    yield "data:"
    for name, params in wish.data.sets.items():
        yield f"  {name}:"
        yield from use(wish.data.uses, fill(params, answers), {}, "    ")


def _measure(wish: Wish, offers: Offers, answers: Mapping[str, Any]) -> Iterator[str]:
    yield from comment("What is measured on every model that a stage makes, and on which data.")
    yield "measure:"
    yield f"  data: {answers['test']}"
    yield "  metrics:"
    for part in offers.metrics:
        if wish.data.labelled or not part.needs_labels:
            yield f"    - {part.family}  # {part.comment}"


def _stages(plan: Pipeline, answers: Mapping[str, Any]) -> Iterator[str]:
    yield from comment("What all others are compared with: the unchanged model, converted alike.")
    yield f"baseline: {plan.baseline}"
    yield ""
    yield from comment("The steps. Each takes the result of the one before, or of what it needs.")
    yield "stages:"
    for index, chosen in enumerate(plan.stages):
        if index:
            yield ""
        yield from comment(chosen.comment or chosen.part.comment, "  ")
        yield f"  - id: {chosen.id}"
        if chosen.needs:
            yield f"    needs: {chosen.needs}"
        more = {} if chosen.comment else chosen.part.more
        yield from use(chosen.part.uses, fill(chosen.part.params, answers), more, "    ")


def _promises(
    wish: Wish, offers: Offers, plan: Pipeline, answers: Mapping[str, Any]
) -> Iterator[str]:
    yield from comment("What the recipe promises: it is put into the folder of the run.")
    yield f"outputs: [{plan.result}]"
    gates = []
    for part in offers.metrics:
        wanted = part.goal is None or part.goal in wish.goals
        if part.gate and wanted and (wish.data.labelled or not part.needs_labels):
            for changed, unchanged in _judged(part, offers, plan):
                gate = {"stage": changed, **fill(part.gate, answers)}
                other = {"against": unchanged} if unchanged != plan.baseline else {}
                gates.append({**gate, **other})
    if gates:
        yield ""
        said = "the run fails (exit code 5) when one isn't met."
        yield from comment(f"Conditions on the result, for you to change: {said}")
        yield "gates:"
        yield from (f"  - {value(gate)}" for gate in gates)


def _judged(part: MetricPart, offers: Offers, plan: Pipeline) -> list[tuple[str, str]]:
    """Say which stage a gate is on, and which it compares with: where its metric can be measured.

    A cost is that of the result. Quality is judged after the first conversion, as that runs on any
    machine.
    """
    subjects = offers.catalog.evaluators()[part.family].subjects
    pairs = [pair for pair in plan.pairs if issubclass(pair.changed.kind, subjects)]
    if offers.family(part).about != "cost":
        pairs = pairs[:2]
    return [(pair.changed.id, pair.unchanged.id) for pair in pairs[-1:]]


def _roles(wish: Wish) -> dict[str, str]:
    """Say which data serves to train, to validate and to test."""
    names = list(wish.data.sets)
    return {role: role if role in names else names[0] for role in ROLES}


def _asked(name: str, wish: Wish) -> Diagnostic:
    texts = {question.name: question.text for question in wish.data.questions}
    if name == "shape":
        message = f"{wish.data.uses} must know the shape of a sample: --shape is missing"
        return error("missing-option", message, hint="for example --shape 3,224,224")
    hint = f"--answer {name}=… ({texts[name]})" if name in texts else None
    return error("missing-option", f"{wish.data.uses} must know {name!r}", hint=hint)
