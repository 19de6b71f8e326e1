"""What `plan()` may return: anything else is the operator's mistake, told before it does harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from recipec.api import Facts, Learning, Operator, Requirement, StagePlan, Unknown
from recipec.registry import Catalog


class WrongPlan(Exception):
    """`plan()` returned something that is no plan of its operator; the message is a sentence."""


def check_planned(operator: Operator[Any], planned: object, catalog: Catalog) -> StagePlan:
    """Give what `plan()` returned if it is a StagePlan of the declared outputs and right types.

    Raises WrongPlan.
    """
    if not isinstance(planned, StagePlan):
        raise WrongPlan(f"plan() of {operator.id} returned {shown(planned)}, not a StagePlan")
    for wrong in _wrong(planned):
        raise WrongPlan(f"plan() of {operator.id} returned a StagePlan whose {wrong}")
    _check_outputs(operator, planned.outputs, catalog)
    return planned


def _wrong(planned: StagePlan) -> Iterator[str]:
    for name in ("effects", "warnings"):
        yield from wrong_in_list(name, getattr(planned, name), lambda one: isinstance(one, str))
    yield from wrong_in_list("requires", planned.requires, lambda one: isinstance(one, Requirement))
    yield from wrong_in_mapping("outputs", planned.outputs, lambda one: isinstance(one, Facts))
    yield from wrong_in_mapping(
        "matched", planned.matched, lambda one: not [*wrong_in_list("", one, _is_text)]
    )
    yield from wrong_in_mapping(
        "learns_from", planned.learns_from, lambda one: isinstance(one, Learning)
    )
    yield from wrong_in_mapping("unmeasured", planned.unmeasured, _is_text)
    yield from wrong_in_mapping("changed", planned.changed, lambda one: is_count(one, Unknown))
    if not is_count(planned.work, type(None)):
        yield f"work is {shown(planned.work)}"


def _check_outputs(operator: Operator[Any], outputs: Mapping[str, Facts], catalog: Catalog) -> None:
    """Hold an operator to its declared ports; to break them is the operator's mistake."""
    wanted = {name: port.kind for name, port in operator.outputs.items()}
    if outputs.keys() != wanted.keys():
        raise WrongPlan(
            f"{operator.id} planned outputs {sorted(outputs)} and declares {sorted(wanted)}"
        )
    for name, facts in outputs.items():
        if not isinstance(facts, wanted[name]):
            raise WrongPlan(
                f"{operator.id} planned {name!r} as {facts.kind} and declares {wanted[name].kind}"
            )
        if facts.kind not in catalog.kinds:
            raise WrongPlan(
                f"{operator.id} planned {name!r} as {facts.kind}, a kind that no plugin offers"
            )


def wrong_in_list(name: str, value: object, right: Callable[[object], bool]) -> Iterator[str]:
    """Say what of a field isn't as it should be, each item by `right`."""
    if not isinstance(value, tuple | list):
        yield f"{name} is {shown(value)}, not a tuple"
        return
    yield from (f"{name} has {shown(one)}" for one in value if not right(one))


def wrong_in_mapping(name: str, value: object, right: Callable[[object], bool]) -> Iterator[str]:
    """Say what of a field isn't as it should be, each value by `right`."""
    if not isinstance(value, Mapping):
        yield f"{name} is {shown(value)}, not a mapping"
        return
    for key, one in value.items():
        if not isinstance(key, str):
            yield f"{name} has the key {shown(key)}"
        if not right(one):
            yield f"{name}[{key!r}] is {shown(one)}"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, tuple | list) and all(map(_is_text, value))


def is_count(value: object, *others: type[Any]) -> bool:
    """Say whether a value is a whole number, or of one of the other types."""
    return isinstance(value, (int, *others)) and not isinstance(value, bool)


def shown(value: object) -> str:
    """Show a value of a plugin's, whose `repr` may fail or be long."""
    try:
        text = repr(value)
    except Exception:  # a plugin's own type: it is shown by its name
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:79]}…"
