"""A tokenizer of whole words, made in a moment."""

from __future__ import annotations

from pathlib import Path

WORDS = ("[PAD]", "[UNK]", "good", "bad", "day", "very", "a")


def save_tokenizer(path: Path, words: tuple[str, ...] = WORDS) -> Path:
    """Write a tokenizer.json; a word's id is its place in `words`."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(WordLevel(numbers, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(path))
    return path
