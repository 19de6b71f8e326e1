"""Open texts as token ids, with their labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recipec.api import ImportString, OperatorError
from recipec.api.code import load_object
from recipec.api.data import Batch, Samples
from recipec_data._parts import Part, rows
from recipec_data._records import read_records
from recipec_data._tokens import Tokens, open_tokens


@dataclass(frozen=True, slots=True)
class TextSamples:
    """Texts, tokenized when they are read."""

    texts: Sequence[str]
    labels: NDArray[np.int64] | None
    tokens: Tokens

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, indices: object) -> Batch:
        chosen = np.asarray(indices, dtype=np.intp)
        inputs = self.tokens([self.texts[int(index)] for index in chosen])
        return Batch(inputs, None if self.labels is None else self.labels[chosen])


def load(source: Mapping[str, Any], tokens: Mapping[str, Any], part: Mapping[str, Any]) -> Samples:
    """Open a part of the texts. Raises OperatorError at the parameter that is wrong."""
    code = None
    if "code" in source:
        folder = source["folder"]
        code = load_object(ImportString(source["code"]), None if folder is None else Path(folder))
    samples = _open(source, tokens, code)
    return Part(samples, rows(len(samples), **part))


def describe(
    *,
    source: Mapping[str, Any],
    tokens: Mapping[str, Any],
    version: str | None,
    code: Any = None,
) -> dict[str, Any]:
    """Give count and largest label as JSON (null without labels). Raises OperatorError as `load`.

    `version` isn't used: it makes what is remembered about another version another question.
    """
    samples = _open(source, tokens, code)
    samples.take([0])
    largest = None if samples.labels is None else int(samples.labels.max())
    return {"count": len(samples), "largest": largest}


def _open(source: Mapping[str, Any], tokens: Mapping[str, Any], code: Any) -> TextSamples:
    if "code" in source:
        texts, labels = _called(source["code"], code, source["args"])
        places = [f"text {number}" for number in range(len(texts))]
    else:
        file = Path(source["file"])
        records = read_records(file, source["format"], source["text"], source["labels"])
        texts = [record.text for record in records]
        labels = None if source["labels"] is None else [record.label for record in records]
        places = [f"{file.name}:{record.line}" for record in records]
    numbers = None if labels is None else _numbers(labels, places, source["names"])
    return TextSamples(texts, numbers, open_tokens(**tokens))


def _called(name: str, code: Any, args: Mapping[str, Any]) -> tuple[list[str], list[Any] | None]:
    """Call a function that gives texts, or texts and labels."""
    try:
        found = code(**args)
    except Exception as problem:  # user code may raise anything
        raise OperatorError(
            f"{name} raised {type(problem).__name__}: {problem}", at=("source",)
        ) from problem
    texts, labels = found if isinstance(found, tuple) and len(found) == 2 else (found, None)
    listed = list(texts) if isinstance(texts, Sequence) and not isinstance(texts, str) else []
    if not listed or not all(isinstance(text, str) for text in listed):
        raise OperatorError(
            f"{name} gives no texts", at=("source",), hint="a list of texts, or (texts, labels)"
        )
    if labels is None:
        return listed, None
    if len(labels) != len(listed):
        raise OperatorError(
            f"{name} gives {len(listed)} texts, {len(labels)} labels", at=("source",)
        )
    return listed, list(labels)


def _numbers(
    labels: Sequence[Any], places: Sequence[str], names: Sequence[str] | None
) -> NDArray[np.int64]:
    """Give classes as whole numbers: written as such, or by the place of their name."""
    known = None if names is None else {name: number for number, name in enumerate(names)}
    found = np.empty(len(labels), np.int64)
    for index, (label, place) in enumerate(zip(labels, places, strict=True)):
        written = str(label).strip()
        if known is not None:
            if written not in known:
                raise OperatorError(f"{place}: {written!r} is none of the `names`", at=("names",))
            found[index] = known[written]
        elif isinstance(label, bool) or not (written.isascii() and written.isdigit()):
            raise OperatorError(
                f"{place}: the label {written!r} is no whole number from 0",
                at=("labels",),
                hint="give the classes' names in their order: `names: [bad, good]`",
            )
        else:
            found[index] = int(written)
    return found
