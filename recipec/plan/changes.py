"""What differs between two mappings, and the words for it: `amount 0.3 → 0.4`.

The reasons in a plan, `recipec diff` and the refusals of `recipec apply` all say it in these words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from recipec.api import Frozen

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

_UNNAMED = frozenset({"params", "packages"})
"""Parts of a node's ingredients whose entries go by their own names."""


class Change(Frozen):
    """One value that differs; None is one that isn't there.

    With `content` the values are digests, of a file or of code that goes by the same name.
    """

    name: str
    before: Any = None
    after: Any = None
    content: bool = False

    def __str__(self) -> str:
        if self.content:
            return f"{self.name}: its content changed"
        return f"{self.name} {notation(self.before)} → {notation(self.after)}"

    @property
    def reverse(self) -> Change:
        """The change back."""
        return self.model_copy(update={"before": self.after, "after": self.before})


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], name: str = ""
) -> Iterator[Change]:
    """Give what differs between two mappings, nested ones entry by entry; `name` is theirs."""
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if same(old, new):
            continue
        label = f"{name}.{key}" if name else key
        if is_content(old) and is_content(new) and old.get("code") == new.get("code"):
            yield Change(name=label, before=_digest(old), after=_digest(new), content=True)
        elif _plain(old) and _plain(new):
            yield from changes(old, new, label)
        else:
            yield Change(name=label, before=_named(old), after=_named(new))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Say in words how the ingredients of a node's key changed; an input goes by its name."""
    said: list[str] = []
    for part in sorted(old.keys() | new.keys()):
        before, after = old.get(part), new.get(part)
        if not isinstance(before, Mapping) or not isinstance(after, Mapping):
            said += map(str, changes({part: before}, {part: after}))
        elif part == "inputs":
            said += [change.name for change in changes(before, after)]
        else:
            said += map(str, changes(before, after, "" if part in _UNNAMED else part))
    return said


def same(one: Any, other: Any) -> bool:
    """Say whether two values of JSON are the same; `1` and `true` aren't, `1` and `1.0` are."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def notation(value: Any, limit: int = 40) -> str:
    """Write a value on one line, as the recipe would; one that isn't there is `nothing`."""
    if value is None:
        text = "nothing"
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, Mapping):
        inner = (f"{k}: {notation(v, limit)}" for k, v in value.items() if v is not None)
        text = f"{{{', '.join(inner)}}}"
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(notation(v, limit) for v in value)}]"
    else:
        text = str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def is_content(value: Any) -> TypeGuard[Mapping[str, str]]:
    """Say whether it is what the key pass puts in the place of a file or of code."""
    if not isinstance(value, Mapping):
        return False
    return value.keys() == {"code", "digest"} or (
        value.keys() == {"file"} and bool(_DIGEST.fullmatch(str(value["file"])))
    )


def _plain(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and not is_content(value)


def _digest(content: Mapping[str, str]) -> str:
    return content.get("digest") or content["file"]


def _named(value: Any) -> Any:
    """Let code go by its name, and a file, whose name is no part of a key, by its digest."""
    if not is_content(value):
        return value
    return value.get("code") or f"sha256:{value['file'][:12]}"
