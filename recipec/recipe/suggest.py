"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

_MANY: Final = 500
_LONGEST: Final = 100
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789-_."


def suggestion(
    wrong: str, known: Iterable[str], what: str = "known names", *, close: bool = False
) -> str | None:
    """Give a hint with the closest known name; when none is close, with all of them (unless only
    `close` ones are wanted)."""
    names = list(known)
    if nearest := nearest_name(wrong, names):
        return f"did you mean {nearest!r}?"
    if close or not names:
        return None
    shown = ", ".join(sorted(names)[:20]) + (", …" if len(names) > 20 else "")
    return f"{what}: {shown}"


def nearest_name(wrong: str, names: Collection[str]) -> str | None:
    """Give the name that is most like the wrong one, None when none is like it.

    Among many names only those are looked for that are one letter away; a text that is too long to
    be a name is like none. So it takes milliseconds, whatever the recipe holds.
    """
    if len(wrong) > _LONGEST:
        return None
    folded = wrong.casefold()
    if other := next((name for name in names if name.casefold() == folded), None):
        return other
    if len(names) > _MANY:
        return min(_one_letter_away(wrong) & set(names), default=None)
    from difflib import get_close_matches  # only needed once something is wrong

    # Of three letters one may be wrong: `l3` is near `l2`.
    near = get_close_matches(wrong, sorted(names), n=1, cutoff=0.6 if len(wrong) > 3 else 0.5)
    return near[0] if near else None


def _one_letter_away(word: str) -> set[str]:
    """Give all texts that are one letter more, less or other than a word, or two swapped."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
        *(a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS),
        *(a + letter + b for a, b in cuts for letter in _LETTERS),
    }
