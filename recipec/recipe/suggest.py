"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable


def suggestion(
    wrong: str, known: Iterable[str], what: str = "known names", *, close: bool = False
) -> str | None:
    """Give a hint with the closest known name; when none is close, with all of them (unless only
    `close` ones are wanted)."""
    from difflib import get_close_matches  # only needed once something is wrong

    names = sorted(known)
    if nearest := get_close_matches(wrong, names, n=1, cutoff=0.6):
        return f"did you mean {nearest[0]!r}?"
    if close or not names:
        return None
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"{what}: {shown}"
