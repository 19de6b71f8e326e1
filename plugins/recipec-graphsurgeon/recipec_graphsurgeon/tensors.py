"""Inputs and outputs by name, and the types that they may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Literal

from recipec.api import OperatorError, TensorSpec, Unknown

DType = Literal[
    "float32",
    "float16",
    "float64",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
]
"""Types that inputs and outputs may get. onnxruntime's Python API has no bfloat16, so a model that
takes or gives it can't be compared with what it was."""

Place = tuple[str | int, ...]


def known(specs: tuple[TensorSpec, ...] | Unknown) -> tuple[TensorSpec, ...]:
    """Give what is known of a model's inputs or outputs: nothing, where they aren't."""
    return () if isinstance(specs, Unknown) else specs


def find(specs: Sequence[TensorSpec], name: str, what: str, at: Place) -> TensorSpec:
    """Give the one with this name. Raises OperatorError with the nearest names.

    `what` says what it is looked for among ("input").
    """
    found = next((spec for spec in specs if spec.name == name), None)
    if found is None:
        raise OperatorError(
            f"the model has no {what} {name!r}",
            at=at,
            hint=near(name, [spec.name for spec in specs], f"{what}s"),
        )
    return found


def near(name: str, names: Iterable[str], what: str, most: int = 8) -> str:
    """Say what may have been meant, and what there is to choose from."""
    offered = list(dict.fromkeys(names))
    folded = {other.casefold(): other for other in offered}
    close = [folded[name.casefold()]] if name.casefold() in folded else []
    close = close or get_close_matches(name, offered, n=1, cutoff=0.6)
    listed = ", ".join(offered[:most]) + (", …" if len(offered) > most else "")
    listed = f"{what}: {listed or 'none'}"
    return f"did you mean {close[0]!r}? {listed}" if close else listed
