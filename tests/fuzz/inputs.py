"""What is fed: by kind, so that every layer of the front end gets inputs that reach it."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from fuzz.grown import grown
from fuzz.mutations import KEYS, VALUES, changed, mutated, setting, written
from fuzz.stand_in import installed, techniques


class Input(NamedTuple):
    """A recipe's bytes, how they were made, and whether they are planned with all the plugins."""

    kind: str
    data: bytes
    installed: bool = True
    settings: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()


def _grown(seed: int, many: bool, changes: int) -> Input:
    random = Random(seed)
    data = grown(installed() if many else techniques(), random)
    for _ in range(changes):
        data = changed(data, random)
    return Input("grown", data, many, *_asked(random))


def _mutated(seed: int, many: bool) -> Input:
    random = Random(seed)
    return Input("mutated", mutated(random), many, *_asked(random))


def _asked(random: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make up a command line, now and then."""
    settings = tuple(setting(random) for _ in range(random.choice((0, 0, 0, 0, 0, 0, 1, 2))))
    presets = random.choice(
        ((), (), (), (), (), ("small",), ("small", "small"), (random.choice(KEYS),))
    )
    return settings, presets


def _written(tree: object, seed: int) -> Input:
    return Input("tree", written(tree, Random(seed)))


SEEDS = st.integers(0, 2**64 - 1)
MANY = st.sampled_from((True, True, False))
WORDS = st.sampled_from((*KEYS, *VALUES)) | st.text(max_size=12)
TREES = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=30,
)
PIECES = st.sampled_from(
    (
        *("a", "b: ", "- ", "? ", ": ", "\n", "\n  ", "  ", "\t", "#", " #x", "[", "]", "{", "}"),
        *(", ", "&a ", "*a", "!!str ", "! ", "|\n", ">-\n", "'", '"', "\\", "%", "---\n", "...\n"),
        *("<<: ", "apiVersion: recipec/v1\n", "${vars.a}", "1e3", "~", "é", "\u2028", "\x85", "😀"),
    )
)
HEADS = st.sampled_from(("", "apiVersion: recipec/v1\nname: x\n"))

MUTATED = st.builds(_mutated, SEEDS, MANY)
GROWN = st.builds(_grown, SEEDS, MANY, st.sampled_from((0, 0, 0, 1, 2)))
WRITTEN = st.builds(_written, TREES, SEEDS)
TEXT = st.builds(
    lambda head, text: Input("text", (head + text).encode()),
    HEADS,
    st.text() | st.lists(PIECES, max_size=40).map("".join),
)
BYTES = st.builds(lambda data: Input("bytes", data), st.binary(max_size=200))

inputs = st.sampled_from(
    [*[MUTATED] * 9, *[GROWN] * 7, *[WRITTEN] * 1, *[TEXT] * 2, *[BYTES] * 1]
).flatmap(lambda kind: kind)
