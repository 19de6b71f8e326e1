"""Put answers into a part's parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_PLACE: Final = re.compile(r"\{([a-z][a-z_-]*)(\?)?\}")


class Missing(Exception):
    """An answer that is needed isn't there; its name is the argument."""


class _LeftOut(Exception):
    """The value stands for something that the person left out."""


def fill(params: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Put answers into parameters; keys of what was left out go. Raises Missing."""
    filled = {}
    for name, value in params.items():
        try:
            filled[name] = _filled(value, answers)
        except _LeftOut:
            continue
    return filled


def places(value: Any) -> set[str]:
    """Name the answers that a value must have."""
    if isinstance(value, str):
        return {name for name, optional in _PLACE.findall(value) if not optional}
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return set()
    return {name for inner in value for name in places(inner)}


def _filled(value: Any, answers: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        if whole := _PLACE.fullmatch(value):
            return _answer(whole, answers)
        return _PLACE.sub(lambda found: str(_answer(found, answers)), value)
    if isinstance(value, Mapping):
        return {name: _filled(inner, answers) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, answers) for inner in value]
    return value


def _answer(found: re.Match[str], answers: Mapping[str, Any]) -> Any:
    name, optional = found.groups()
    if answers.get(name) is not None:
        return answers[name]
    raise _LeftOut if optional else Missing(name)
