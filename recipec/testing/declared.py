"""What is wrong with an operator as it is declared: seen without running or planning anything.

Each function gives sentences that say what is wrong and what to do; none means that all is well.
`OperatorContract` asserts them, and `recipec plugins check` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, get_args

import jsonschema
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from recipec.api import Facts, Operator, Params

_QUANTITY: Final = re.compile(
    r"time|timeout|duration|delay|interval|wait|deadline|latency|memory|workspace|bandwidth|size"
    r"|length|width|height|angle|rotate|shift|amount|share|fraction|ratio|sparsity|percentile"
)
"""Words in a parameter's name that make one ask "in what?"."""
_UNIT: Final = re.compile(
    r"seconds?|milliseconds?|ms|minutes?|hours?|bytes?|[KMG]i?B|bits?|pixels?|degrees?|radians?"
    r"|tokens?|samples?|steps?|epochs?|channels?|layers?|weights?|rows?|columns?|elements?"
    r"|share|per ?cent|points?|times|factor|multiple|multiplied|divided|hertz|Hz|decibels?"
    r"|how many|number of|0 to 1|of one|no unit"
)


def id_faults(operator: type[Operator[Any]]) -> Iterator[str]:
    """Say what is wrong with an operator's id."""
    if not re.fullmatch(r"[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*", str(operator.id)):
        yield (
            f"the id {operator.id!r} is not of the form 'plugin.name'; write the name of your "
            "entry point, a dot, and a name in small letters"
        )


def version_faults(operator: type[Operator[Any]]) -> Iterator[str]:
    """Say what is wrong with an operator's version."""
    if type(operator.version) is not int or operator.version < 1:
        yield (
            f"the version {operator.version!r} is not a whole number from 1 up; begin with "
            "`version = 1` and raise it when the same inputs give other bytes"
        )


def summary_faults(operator: type[Operator[Any]]) -> Iterator[str]:
    """Say what is wrong with an operator's summary."""
    if not operator.summary.strip():
        yield "the summary is empty; say in one line what the operator does"
    elif len(operator.summary.splitlines()) > 1:
        yield "the summary has several lines; lists and editors show one, so say it in one"


def port_faults(operator: type[Operator[Any]]) -> Iterator[str]:
    """Say what is wrong with an operator's inputs and outputs."""
    for side in ("inputs", "outputs"):
        for name, port in getattr(operator, side).items():
            if not port.doc.strip():
                yield f"{side}[{name!r}] has no description; say what it is: Port(kind, 'what')"
            if not (isinstance(port.kind, type) and issubclass(port.kind, Facts)):
                yield f"{side}[{name!r}] has the kind {port.kind!r}; give a subclass of Facts"


def description_faults(params: type[BaseModel]) -> Iterator[str]:
    """Say which parameters aren't described, or don't say their unit; also in models in fields."""
    for model, place in _all_models(params):
        for name, field in model.model_fields.items():
            description = (field.description or "").strip()
            if not description:
                yield (
                    f"the parameter {place}{name} is not described; write "
                    "Field(…, description='what it is, in which unit')"
                )
            elif _is_plain_number(field) and _lacks_unit(name, description):
                yield (
                    f"the parameter {place}{name} doesn't say its unit ({description!r}); name it "
                    "in the description (seconds, bytes, pixels, a share of 0 to 1 …), or take a "
                    "type of recipec.api that has units (Duration, ByteSize, Share)"
                )


def unknown_key_faults(params: type[Params]) -> Iterator[str]:
    """Say whether parameters, or models in them, take keys that they don't know."""
    for model, place in _all_models(params):
        if model.model_config.get("extra") != "forbid":
            yield (
                f"{place.rstrip('.') or 'the operator'} takes keys that it doesn't know, so a "
                "misspelt one goes unseen; derive it from recipec.api.Params (or Frozen) and leave "
                "model_config's `extra` alone"
            )


def frozen_faults(params: type[Params]) -> Iterator[str]:
    """Say whether parameters can be changed after they were read."""
    if not params.model_config.get("frozen"):
        yield (
            "the parameters can be changed after they were read, so the plan and the run could "
            "differ; derive them from recipec.api.Params and leave model_config's `frozen` alone"
        )


def schema_faults(params: type[Params]) -> Iterator[str]:
    """Say what is wrong with the JSON Schema of parameters, which editors complete by."""
    try:
        jsonschema.Draft202012Validator.check_schema(params.model_json_schema())
    except jsonschema.SchemaError as problem:
        yield f"the parameters' JSON Schema is not valid: {problem.message}"
    except Exception as problem:  # Pydantic raises several kinds
        yield f"the parameters have no JSON Schema ({problem}); take types that JSON has"
    try:
        defaults = params()
    except ValidationError:
        return  # some are required
    except Exception as problem:  # a validator of the author's may raise anything
        yield f"the default parameters can't be made: {type(problem).__name__}: {problem}"
        return
    if params.model_validate_json(defaults.model_dump_json()) != defaults:
        yield "the default parameters read back from JSON as others; take types that JSON has"


OPERATOR_CHECKS: Final[Mapping[str, Callable[[type[Operator[Any]]], Iterator[str]]]] = {
    "id": id_faults,
    "version": version_faults,
    "summary": summary_faults,
    "ports": port_faults,
    "parameters-described": lambda operator: description_faults(operator.params),
    "unknown-parameters": lambda operator: unknown_key_faults(operator.params),
    "parameters-frozen": lambda operator: frozen_faults(operator.params),
    "parameters-schema": lambda operator: schema_faults(operator.params),
}
"""All checks of an operator's declaration, by name."""


def _all_models(
    model: type[BaseModel], place: str = "", above: tuple[type[BaseModel], ...] = ()
) -> Iterator[tuple[type[BaseModel], str]]:
    """Give a model and those in its fields, each with its place; one within itself once."""
    yield model, place
    for name, field in model.model_fields.items():
        for inner in _models_in(field.annotation):
            if inner not in (*above, model):
                yield from _all_models(inner, f"{place}{name}.", (*above, model))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _is_plain_number(field: FieldInfo) -> bool:
    """Say whether a field is a number that no type of recipec's gives a unit."""
    types = (field.annotation, *get_args(field.annotation))
    plain = all(type(mark).__module__.startswith("annotated_types") for mark in field.metadata)
    return plain and any(one in (int, float) for one in types)


def _lacks_unit(name: str, description: str) -> bool:
    words = name.lower().split("_")
    if not any(_QUANTITY.fullmatch(word) for word in words):
        return False
    # `share` names a quantity and its unit at once, `size_bytes` its unit behind the quantity.
    return not re.search(rf"(?<!\w)({_UNIT.pattern})(?!\w)", f"{' '.join(words)} {description}")
