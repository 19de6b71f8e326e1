"""What a new recipe shall be: from options, from a person, or from what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from recipec.cli.asking import Asker
from recipec.diagnostics import UsageError, error
from recipec.init import Offers, Wish, model_named, places, shape_of
from recipec.recipe import suggestion

if TYPE_CHECKING:
    from recipec.api.recipe_parts import DataPart, Goal

GOALS: Final[Mapping[str, str]] = {
    "both": "smaller and faster, with a gate on each",
    "smaller": "fewer bytes on disk",
    "faster": "less time for a batch",
}


class Given(NamedTuple):
    """The options of a call."""

    model: str | None = None
    weights: str | None = None
    shape: str | None = None
    data: str | None = None
    answers: tuple[str, ...] = ()
    target: str | None = None
    goal: str | None = None
    max_drop: str | None = None
    use: tuple[str, ...] = ()


def find_wish(name: str, given: Given, offers: Offers, *, yes: bool) -> Wish:
    """Find out what is wanted. Raises UsageError for what is wrong or missing."""
    asker = Asker.here(yes=yes)
    model = asker.text(
        "--model",
        given.model,
        "Which model? package.module:name, model.py:Net, or a short name as `--list` shows",
        lambda text: model_named(text, offers.models),
    )
    weights = asker.text("--weights", given.weights, "Its trained weights (none yet)", usual="")
    source = asker.choose("--data", given.data, data_sources(offers), "Where does data come from?")
    data = offers.data[source] if source else None
    must = "shape" in places(dict(data.sets)) if data else False
    shape = asker.text(
        "--shape",
        given.shape,
        "The shape of one sample, such as 3,224,224" + ("" if must else " (as the data has)"),
        shape_of,
        None if must else "",
    )
    answers = _answers(given.answers, data, asker)
    target = asker.choose("--target", given.target, targets(offers), "Where shall it run?")
    goal = asker.choose("--goal", given.goal, GOALS, "What shall the model become?")
    drop = asker.text("--max-drop", given.max_drop, "Accuracy that may be lost", _drop, "1pp")
    asker.refuse_missing()
    _check_operators(given.use, offers)
    assert data is not None  # or it were missing
    assert target is not None
    goals: dict[str | None, tuple[Goal, ...]] = {"smaller": ("smaller",), "faster": ("faster",)}
    return Wish(
        name=name,
        model=model[0],
        built_by=model[1],
        weights=weights,
        shape=shape,
        data=data,
        answers=answers,
        target=target,
        goals=frozenset(goals.get(goal, ("smaller", "faster"))),
        max_drop=drop,
        preferred=frozenset(given.use),
    )


def data_sources(offers: Offers) -> dict[str, str]:
    """Give the operators that data can come from, with what they do."""
    return {id: _line(offers.catalog.operator(id).summary) for id in offers.data}


def targets(offers: Offers) -> dict[str, str]:
    """Give the targets, with what they are."""
    return {name: target.summary for name, target in offers.targets.items()}


def short_names(offers: Offers) -> dict[str, str]:
    """Give the short names of models, with the code they stand for."""
    return {n: code for part in offers.models.values() for n, code in part.short_names.items()}


def _line(summary: str) -> str:
    return summary[0].upper() + summary[1:]


def _answers(given: tuple[str, ...], data: DataPart | None, asker: Asker) -> dict[str, str]:
    questions = {question.name: question for question in data.questions} if data else {}
    told: dict[str, str] = {}
    for answer in given:
        name, equals, text = answer.partition("=")
        if not equals or not text:
            hint = "for example --answer train-file=train.npz"
            message = f"--answer {answer!r} is not NAME=VALUE"
            raise UsageError(error("bad-option", message, hint=hint))
        if data and name not in questions:
            hint = suggestion(name, questions, "it asks for") or "it asks for nothing"
            message = f"--answer: {data.uses} doesn't ask for {name!r}"
            raise UsageError(error("bad-option", message, hint=hint))
        told[name] = text
    for name, question in questions.items():
        option = f"--answer {name}=… ({question.text})"
        told[name] = asker.text(option, told.get(name), question.text)
    return told


def _check_operators(used: tuple[str, ...], offers: Offers) -> None:
    known = {part.uses for part in offers.stages}
    for id in used:
        if id not in known:
            message = f"--use: no recipe can be begun with {id!r}"
            hint = suggestion(id, known, "it can be one of")
            raise UsageError(error("bad-option", message, hint=hint))


def _drop(text: str) -> str:
    from pydantic_core import PydanticCustomError

    from recipec.api.units import parse_drop

    try:
        parse_drop(text)
    except PydanticCustomError as problem:
        hint = (problem.context or {}).get("hint")
        message = f"--max-drop: {problem.message()}"
        raise UsageError(error("bad-option", message, hint=hint)) from problem
    return text
