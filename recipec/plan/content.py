"""The files and the code that a node's parameters name, by the digests that its key holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def content(params: Mapping[str, Any], keyed: Mapping[str, Any]) -> dict[str, str]:
    """Give the digests by the parameter's place (`calibration.file`).

    `keyed` are the parameters among a key's ingredients, where digests stand in the names' places.
    """
    return dict(_walk(params, keyed, ""))


def _walk(params: Any, keyed: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(params, str) and isinstance(keyed, Mapping):
        digest = keyed.get("digest", keyed.get("file"))
        if isinstance(digest, str):
            yield at, digest
        return
    steps: list[tuple[Any, Any, Any]] = []
    if isinstance(params, Mapping) and isinstance(keyed, Mapping):
        steps = [(name, inner, keyed.get(name)) for name, inner in params.items()]
    elif isinstance(params, list) and isinstance(keyed, list):
        steps = [(i, *pair) for i, pair in enumerate(zip(params, keyed, strict=False))]
    for step, inner, key in steps:
        yield from _walk(inner, key, f"{at}.{step}" if at else str(step))
