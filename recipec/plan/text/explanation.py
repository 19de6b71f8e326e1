"""An explanation of a stage, as text: all that goes into its key, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipec.api import Estimate, Unknown
from recipec.plan.explain import ExplainedContent, Explanation
from recipec.plan.text.cost import cost
from recipec.plan.text.page import Page
from recipec.plan.text.params import written
from recipec.plan.text.style import SYMBOLS

_LABELS = 10


def explanation_text(explained: Explanation, page: Page | None = None) -> str:
    """Write an explanation."""
    return "\n".join(_lines(explained, page or Page())) + "\n"


def _lines(explained: Explanation, page: Page) -> Iterator[str]:
    mark = SYMBOLS.get(explained.action, "?")
    yield from page.flow(
        f"{mark} {explained.stage}  ",
        [f"{explained.operator}@{explained.version}", f"{explained.action}: {explained.reason}"],
        marks=((mark, explained.action), (explained.stage, "bold")),
        hang=4,
    )
    yield from _row(page, "changed", *_changed(explained))
    yield ""
    yield page.heading("what goes into its key")
    waits = [one.node for one in explained.inputs if isinstance(one.digest, Unknown)]
    later = f"(known after {', '.join(dict.fromkeys(waits))})" if waits else "(not known)"
    yield from _row(page, "key", later if isinstance(explained.key, Unknown) else explained.key)
    version = f"{explained.operator}, version {explained.version}"
    yield from _row(page, "operator", f"{version}, of plugin {explained.plugin}")
    yield from _rows(page, "params", _params(explained))
    yield from _rows(
        page,
        "packages",
        (f"{name} {found or '(missing)'}" for name, found in explained.packages.items()),
    )
    yield from _rows(page, "code", _content(explained.code))
    yield from _rows(page, "files", _content(explained.files))
    inputs = (
        f"{one.port} ← {one.node}  "
        + (f"(known after {one.node})" if isinstance(one.digest, Unknown) else one.digest)
        for one in explained.inputs
    )
    yield from _rows(page, "inputs", inputs)
    if explained.seed is not None:
        yield from _row(page, "seed", str(explained.seed))
        yield from _row(page, "threads", str(explained.threads))
    if explained.machine is not None:
        said = (f"{name} {value}" for name, value in explained.machine.items())
        yield from _row(page, "machine", ", ".join(said))
    yield from _row(page, "format", f"{explained.key_format}, of the key itself")
    if isinstance(explained.estimate, Estimate) and explained.action == "run":
        yield ""
        yield page.heading("what it is expected to take")
        yield from page.flow("  ", cost(explained.estimate))


def _changed(explained: Explanation) -> tuple[str, ...]:
    if explained.changed is None:
        return ("it has not run before with this store",)
    waits = any(isinstance(one.digest, Unknown) for one in explained.inputs)
    if not explained.changed:
        return ("nothing that is known yet" if waits else "nothing since it last ran",)
    return explained.changed


def _params(explained: Explanation) -> Iterator[str]:
    for name, value in _flat("", explained.params):
        given = name.partition(".")[0] in explained.given
        yield f"{name}: {written(value)}" + ("" if given else "  (default)")


def _flat(prefix: str, params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in params.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _content(found: tuple[ExplainedContent, ...]) -> Iterator[str]:
    for one in found:
        yield f"{one.name} ({one.parameter})  {one.digest}"
        for path, digest in one.files.items():
            yield f"  {path}  {digest}"


def _row(page: Page, label: str, *pieces: str) -> Iterator[str]:
    yield from page.flow(f"  {label:<{_LABELS}}", pieces, marks=((label, "dim"),), gap="; ")


def _rows(page: Page, label: str, said: Iterator[str]) -> Iterator[str]:
    for number, one in enumerate(said):
        head = f"  {'' if number else label:<{_LABELS}}"
        yield from page.flow(head, [one], marks=() if number else ((label, "dim"),))
