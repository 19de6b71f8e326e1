"""What a selector that matches no layer was meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from recipec.api.expressions import BadExpression, found_in, glob
from recipec.api.layers import Layer

_WILD = frozenset("*?[")


def nearest(selector: str, layers: Sequence[Layer], limit: int = 8) -> str:
    """Give a hint: the nearest selector that matches something, and some of the layers."""
    meant = next(iter(_likely(selector, layers)), None)
    types = selector.startswith("type:")
    names = list(dict.fromkeys(layer.type for layer in layers)) if types else _shown(layers)
    if not names:
        return "the model has no layers"
    shown = ", ".join(names[:limit]) + (", …" if len(names) > limit else "")
    listed = f"{'types' if types else 'layers'}: {shown}"
    return listed if meant is None else f"did you mean {meant!r}? {listed}"


def _shown(layers: Sequence[Layer]) -> list[str]:
    return [f"{layer.name} ({layer.type})" for layer in layers]


def _likely(selector: str, layers: Sequence[Layer]) -> Iterator[str]:
    """Give selectors that match something, the most likely one first."""
    kind, colon, rest = selector.partition(":")
    types = list(dict.fromkeys(layer.type for layer in layers))
    names = [layer.name for layer in layers]
    if colon and kind == "type":
        corrected = (*_corrected(rest, types), *_begun(rest, types))
        yield from (f"type:{name}" for name in corrected)
        if any(map(glob(rest), names)):
            yield rest
    elif colon and kind == "re":
        yield from _expressions(rest, names)
    else:
        yield from _corrected(selector, names)
        if any(map(glob(selector), types)):
            yield f"type:{selector}"
        if any(map(glob(f"{selector}.*"), names)):
            yield f"{selector}.*"  # a block, not a layer
        if any(map(glob(f"*.{selector}"), names)):
            yield f"*.{selector}"
        yield from _by_steps(selector, names)
        yield from _begun(selector, names)
        yield from (f"type:{name}" for name in _corrected(selector, types))


def _corrected(pattern: str, names: Sequence[str]) -> Iterator[str]:
    """Correct upper and lower case, then, where there is no wildcard, letters."""
    folded = glob(pattern.casefold())
    same = [name for name in names if folded(name.casefold())]
    if _WILD & set(pattern):
        yield from _recased(pattern, same) if same else ()
    elif same:
        yield same[0]
    else:
        yield from get_close_matches(pattern, names, n=1, cutoff=0.75)


def _begun(pattern: str, names: Sequence[str]) -> Iterator[str]:
    """Correct a beginning (`layr1*`)."""
    start, star = pattern[:-1], pattern[-1:]
    if star == "*" and not _WILD & set(start):
        begun = list(dict.fromkeys(name[: len(start)] for name in names))
        yield from (f"{near}*" for near in get_close_matches(start, begun, n=1, cutoff=0.75))


def _recased(pattern: str, names: Sequence[str]) -> Iterator[str]:
    """Write a glob's literal beginning as the names have it."""
    literal = next((i for i, letter in enumerate(pattern) if letter in _WILD), len(pattern))
    corrected = names[0][:literal] + pattern[literal:]
    if any(map(glob(corrected), names)):
        yield corrected


def _by_steps(pattern: str, names: Sequence[str]) -> Iterator[str]:
    """Correct one step between dots, where the whole then matches."""
    steps, known = pattern.split("."), _steps(names)
    for index, step in enumerate(steps[:8]):
        if _WILD & set(step):
            continue
        for close in get_close_matches(step, known, n=3, cutoff=0.6):
            corrected = ".".join((*steps[:index], close, *steps[index + 1 :]))
            if any(map(glob(corrected), names)):
                yield corrected
            elif any(map(glob(f"{corrected}.*"), names)):
                yield f"{corrected}.*"


def _steps(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(step for name in names for step in name.split(".")))


def _expressions(text: str, names: Sequence[str]) -> Iterator[str]:
    try:
        if any(map(found_in(text), names)):
            yield f"re:.*{text}.*"  # it must match the whole name
        elif any(map(found_in(f"(?i){text}"), names)):
            yield f"re:(?i).*{text}.*"
    except BadExpression:
        return  # then there is nothing to correct
