"""One stage: what happens to it and why, its parameters, what it does, what it reads and takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from recipec.api import Estimate, ImportString, LayerTable, LocalFile, Unknown
from recipec.plan.content import content
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning
from recipec.plan.text.cost import cost
from recipec.plan.text.figures import aligned, figures, form, model_before
from recipec.plan.text.matched import matched
from recipec.plan.text.numbers import size
from recipec.plan.text.page import Page
from recipec.plan.text.params import stated
from recipec.plan.text.style import symbol
from recipec.plan.unchanged import counted

_INDENT: Final = 6
_LABELS: Final = 8


def stage(node: Node, plan: Plan, planning: Planning, page: Page) -> Iterator[str]:
    """Write a stage; what doesn't apply to it is left out."""
    action = "undecided" if isinstance(node.action, Unknown) else node.action
    mark = symbol(node.action)
    pieces = [f"{node.operator}@{node.version}", f"{action}: {node.reason}"]
    yield from page.flow(
        f"  {mark} {node.id}  ", pieces, marks=((mark, action), (node.id, "bold")), hang=_INDENT
    )
    yield from row(page, "from", _sources(node), gap=", ")
    yield from row(page, "with", stated(planning.operator(node).with_, node.params), gap=", ")
    yield from row(page, "reads", _read(node, planning), gap=", ")
    yield from row(page, "imports", _imported(node, planning), gap=", ")
    yield from _matched(node, plan, page)
    yield from _model(node, plan, page)
    for number, effect in enumerate(node.effects):
        yield from row(page, "" if number else "does", [effect])
    yield from row(page, "changes", counted(node.changed, node.id), gap=", ")
    if node.isolation is not None and node.action == "run":
        yield from row(page, "runs", [str(node.isolation)])
    if isinstance(node.estimate, Estimate) and node.action == "run":
        yield from row(page, "takes", cost(node.estimate))


def row(page: Page, label: str, pieces: Iterable[str], gap: str = "  ") -> Iterator[str]:
    """Write a labelled line of a stage; nothing when there is nothing to say."""
    said = list(pieces)
    if said:
        head = " " * _INDENT + f"{label:<{_LABELS}} "
        yield from page.flow(head, said, marks=((label, "dim"),) if label else (), gap=gap)


def _sources(node: Node) -> list[str]:
    return list(dict.fromkeys(edge.node for edge in node.inputs.values()))


def _read(node: Node, planning: Planning) -> Iterator[str]:
    """Name the files that a stage reads, with their size."""
    for _, reference in planning.references(node):
        if isinstance(reference, LocalFile):
            path = planning.file(reference)
            yield f"{reference} ({size(path.stat().st_size)})" if path.is_file() else str(reference)


def _imported(node: Node, planning: Planning) -> Iterator[str]:
    """Name the code that a stage imports: a file and those beside it that it imports, or an
    installed module and the distribution that it is of."""
    for path, reference in planning.references(node):
        if not isinstance(reference, ImportString):
            continue
        named = reference.module
        if reference.is_file:
            file = planning.file(named).resolve()
            others = [other for other in planning.code_files(file) if other != file]
            beside = ", ".join(other.relative_to(file.parent).as_posix() for other in others)
            yield f"{named} with {beside}" if beside else named
        elif isinstance(node.ingredients, Unknown):
            yield named
        else:
            identity = content(node.params, node.ingredients["params"])[".".join(map(str, path))]
            yield f"{named} of {' '.join(identity.split(' ')[:2])}"


def _matched(node: Node, plan: Plan, page: Page) -> Iterator[str]:
    before = model_before(node, plan)
    layers = before.layers if before is not None else None
    among = [layer.name for layer in layers.layers] if isinstance(layers, LayerTable) else []
    for number, (parameter, names) in enumerate(node.matched.items()):
        label = "" if number else "matched"
        yield from row(page, label, [f"{parameter}: {matched(names, among)}"])


def _model(node: Node, plan: Plan, page: Page) -> Iterator[str]:
    after = node.model
    if after is None:
        return
    before = model_before(node, plan)
    changed = figures(before, after, f"(known after {node.id})")
    kind = form(before, after)
    if not changed:
        yield from row(page, "model", [kind, "parameters, multiply-adds and bytes as before"])
        return
    inline = [kind, *map(str, changed)]
    if len("  ".join(inline)) + _INDENT + _LABELS + 1 <= page.width or len(changed) == 1:
        yield from row(page, "model", inline)
        return
    yield from row(page, "model", [kind])
    for line in aligned(changed):
        yield from row(page, "", [line])
