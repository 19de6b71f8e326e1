"""Turn texts into token ids of one length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from recipec.api import OperatorError
from recipec.api.published import local_path

FILE = "tokenizer.json"
_PADS = ("[PAD]", "<pad>")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A tokenizer that cuts and pads to one length."""

    tokenizer: Any

    def __call__(self, texts: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """Give `input_ids` and `attention_mask`, both [N, L].

        Texts are encoded one by one: a batch would start as many threads as there are cores.
        """
        found = [self.tokenizer.encode(text) for text in texts]
        length = self.tokenizer.truncation["max_length"]
        return {
            "input_ids": _array([one.ids for one in found], length),
            "attention_mask": _array([one.attention_mask for one in found], length),
        }


def _array(rows: list[list[int]], length: int) -> NDArray[np.int64]:
    return np.array(rows, np.int64).reshape(len(rows), length)


def open_tokens(place: Mapping[str, Any], max_length: int, pad_token: str | None) -> Tokens:
    """Read a tokenizer. Raises OperatorError at ("tokenizer",) or ("pad_token",)."""
    tokenizer = _read(place)
    pad, said = pad_token, tokenizer.padding or {}
    if pad is None:
        pad = said.get("pad_token") or next(
            (one for one in _PADS if tokenizer.token_to_id(one) is not None), None
        )
    if pad is None:
        raise OperatorError(
            "the tokenizer has no padding token", at=("tokenizer",), hint="write `pad_token`"
        )
    number = tokenizer.token_to_id(pad)
    if number is None:
        raise OperatorError(f"the tokenizer has no token {pad!r}", at=("pad_token",))
    added = tokenizer.num_special_tokens_to_add(False)
    if max_length <= added:
        raise OperatorError(
            f"{max_length} tokens leave no room for the text beside {added} special ones",
            at=("max_length",),
        )
    tokenizer.enable_truncation(max_length)
    tokenizer.enable_padding(length=max_length, pad_id=number, pad_token=pad)
    return Tokens(tokenizer)


def _read(place: Mapping[str, Any]) -> Tokenizer:
    if "hub" in place:
        name = place["hub"]
        try:
            return Tokenizer.from_pretrained(name, revision=place["revision"] or "main")
        except Exception as problem:  # the library raises bare Exceptions
            raise _unreadable(name, problem) from problem
    try:
        path = local_path(place) or Path()
    except OperatorError as problem:
        raise OperatorError(problem.message, at=("tokenizer",), hint=problem.hint) from problem
    if path.is_dir():
        path = path / FILE
        if not path.is_file():
            raise OperatorError(f"{path.parent.name} has no {FILE}", at=("tokenizer",))
    try:
        return Tokenizer.from_file(str(path))
    except Exception as problem:  # the library raises bare Exceptions
        raise _unreadable(path.name, problem) from problem


def _unreadable(name: str, problem: Exception) -> OperatorError:
    said = " ".join(str(problem).split())
    return OperatorError(
        f"{name} can't be read as a tokenizer: {said[:200]}",
        at=("tokenizer",),
        hint=f"a {FILE} of Hugging Face's tokenizers, as `tokenizer.save` writes it",
    )
