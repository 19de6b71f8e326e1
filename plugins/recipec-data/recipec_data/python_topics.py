"""A text classification set that every Python has: the topics of its own help.

`pydoc_data.topics` holds what `help("debugging")` shows, some 460,000 characters of it. Sentences
are the texts, and the part of the manual that they are from is the class. It is for trying things
out: what the texts are depends on Python's version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final, Literal

CLASSES: Final = {
    "debugger": ("debugger",),
    "strings": ("string-methods", "formatstrings", "strings"),
    "containers": ("typesseq", "typesmapping", "typesseq-mutable"),
    "special methods": ("specialnames",),
    "statements": ("compound", "assignment", "import", "naming", "raise", "global"),
    "type hierarchy": ("types",),
    "expressions": ("comparisons", "calls", "operator-summary", "binary", "lambda", "conditional"),
}
"""Topics of each class; of a sentence that stands in two, the first has it."""

_SHORTEST: Final = 40
"""Characters. What is shorter is mostly a heading or a line of code."""
_SHARES: Final = {"test": 30, "validation": 10, "train": 60}
"""Parts in a hundred, by the hash of the text: no text is in two splits."""


def sentences(
    split: Literal["train", "validation", "test"],
) -> tuple[list[str], list[int]]:
    """Give the texts of a split and their classes, by their place in `CLASSES`."""
    found = [(text, label) for text, label in _all() if _split(text) == split]
    return [text for text, _ in found], [label for _, label in found]


def _all() -> Iterator[tuple[str, int]]:
    from pydoc_data.topics import topics

    seen = set()
    for label, names in enumerate(CLASSES.values()):
        for name in names:
            for text in _sentences(topics.get(name, "")):
                if text not in seen:
                    seen.add(text)
                    yield text, label


def _sentences(topic: str) -> Iterator[str]:
    """Give a topic's sentences, without the code among them, which is indented or has a prompt."""
    for paragraph in re.split(r"\n\s*\n", topic):
        if paragraph.lstrip().startswith((">>>", "*", "+-", "|", "=")):
            continue
        for sentence in re.split(r"(?<=[.:])\s+(?=[A-Z\"])", " ".join(paragraph.split())):
            if len(sentence) >= _SHORTEST and sentence.endswith((".", ":")):
                yield sentence


def _split(text: str) -> str:
    place = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % 100
    for split, share in _SHARES.items():
        if place < share:
            return split
        place -= share
    raise AssertionError("the shares are a hundred")
