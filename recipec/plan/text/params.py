"""The parameters of a stage that aren't its operator's defaults, in the recipe's notation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

LIMIT: Final = 200
"""Characters of one parameter's value."""
_WORDS: Final = frozenset({"true", "false", "null", "~", ".inf", "-.inf", "+.inf", ".nan"})
_INDICATORS: Final = frozenset("-?:&*!|>%@`'\"#,[]{}")
"""What a plain scalar of YAML can't begin with."""


def stated(params: BaseModel, values: Mapping[str, Any]) -> Iterator[str]:
    """Give `name: value` for each parameter that isn't the default; of nested ones what differs.

    `values` are the same parameters as JSON.
    """
    for name, value in _different(params, values, _defaults(type(params)), frozenset()).items():
        yield f"{name}: {written(value)}"


def _different(
    params: BaseModel,
    values: Mapping[str, Any],
    defaults: Mapping[str, object],
    kept: frozenset[str],
) -> dict[str, Any]:
    found = {}
    for name, field in type(params).model_fields.items():
        key, value = field.alias or name, getattr(params, name)
        if key in values and (name in kept or value != defaults[name]):
            found[key] = _pruned(value, values[key], defaults[name])
    return found


def _pruned(value: object, plain: Any, default: object) -> Any:
    """Leave defaults out of nested parameters too; of another type than the default's, the field
    that tells the type stays."""
    if isinstance(value, BaseModel) and isinstance(plain, Mapping):
        if type(value) is type(default):
            return _different(value, plain, dict(default), frozenset())
        return _different(value, plain, _defaults(type(value)), _discriminators(type(value)))
    if isinstance(value, Mapping) and isinstance(plain, Mapping):
        return {k: _pruned(v, plain[k], None) for k, v in value.items() if k in plain}
    if isinstance(value, list | tuple) and isinstance(plain, list) and len(value) == len(plain):
        return [_pruned(v, p, None) for v, p in zip(value, plain, strict=True)]
    return plain


@cache
def _defaults(kind: type[BaseModel]) -> Mapping[str, object]:
    return {
        name: PydanticUndefined
        if field.is_required()
        else field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
    }


@cache
def _discriminators(kind: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name
        for name, field in kind.model_fields.items()
        if get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
    )


def written(value: Any, limit: int = LIMIT) -> str:
    """Write a value on one line, in the recipe's notation; it ends in … where it is cut."""
    text = _written(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{k}: {_written(v)}' for k, v in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str):
        return value if _is_plain(value) else json.dumps(value, ensure_ascii=False)
    return str(value)


def _is_plain(text: str) -> bool:
    """Say whether text needs no quotes: it reads as text, and holds no punctuation of YAML's."""
    if not text or text != text.strip() or text[0] in _INDICATORS or text.lower() in _WORDS:
        return False
    if text[-1] == ":" or any(mark in text for mark in (": ", " #", "[", "]", "{", "}", ",")):
        return False
    return text[0] not in "+.0123456789" or not _is_number(text)


def _is_number(text: str) -> bool:
    if text[:2] in ("0x", "0o"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
