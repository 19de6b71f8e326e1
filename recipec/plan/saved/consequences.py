"""What follows from a plan's inputs, compared with what was reviewed: told where it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from recipec.plan.changes import changes
from recipec.plan.diff.figures import figure_changes
from recipec.plan.saved.written import WrittenNode, WrittenPlan

_NOT_COMPARED: Final = frozenset({"action", "reason", "key", "digests", "estimate"})
"""Fields of nodes: what the store and the machine's history say, which `_action` judges."""
_SEPARATELY: Final = frozenset({"nodes", "diagnostics", "estimate"})
_PLACES: Final = frozenset({"file", "line", "column", "end_line", "end_column"})


class Consequence(NamedTuple):
    """Something that isn't as it was reviewed; `node` is whose it is. One that is `fine` is no
    reason to refuse."""

    node: str | None
    code: str
    message: str
    hint: str | None = None
    fine: bool = False


def consequences(before: WrittenPlan, now: WrittenPlan) -> Iterator[Consequence]:
    """Compare two plans that the same request made, with the same inputs.

    What comes behind a node that differs isn't compared: it would only follow.
    """
    differing: set[str] = set()
    for new in now.nodes:
        old = before.by_id.get(new.id)
        if any(edge.node in differing for edge in new.inputs.values()):
            differing.add(new.id)
            continue
        found = [Consequence(new.id, "changed-plan", f"{new.id} is new")]
        if old is not None:
            found = list(_node(old, new))
        if any(not one.fine for one in found):
            differing.add(new.id)
        yield from found
    for gone in before.by_id.keys() - now.by_id.keys():
        yield Consequence(None, "changed-plan", f"{gone} is gone")
    if not differing:
        yield from _plan(before, now)


def _node(old: WrittenNode, new: WrittenNode) -> Iterator[Consequence]:
    planned = [str(change) for change in figure_changes(old.outputs, new.outputs)]
    rest = [
        str(change)
        for change in changes(_fields(old), _fields(new))
        if not (planned and change.name.startswith("outputs."))
    ]
    for said in (planned, rest):
        if said:
            more = f" and {len(said) - 4} more" if len(said) > 4 else ""
            yield Consequence(
                new.id,
                "changed-plan",
                f"{new.id}: {'planned ' if said is planned else ''}{', '.join(said[:4])}{more} "
                "since the review",
                f"either the plan's file was edited, or {new.operator} changed without a new "
                "version",
            )
    yield from _action(old, new)


def _action(old: WrittenNode, new: WrittenNode) -> Iterator[Consequence]:
    now = f"{new.id} would be {new.action}" if new.action != "run" else f"{new.id} would run"
    if old.action == new.action:
        for port in old.digests.keys() & new.digests.keys():
            if old.digests[port] != new.digests[port]:
                message = f"{new.id}: what it made was made again since the review, otherwise"
                yield Consequence(new.id, "changed-result", message)
    elif (old.action, new.action) == ("run", "reuse"):
        message = f"{new.id} was made since the review; it is reused"
        yield Consequence(new.id, "made-since", message, fine=True)
    elif old.action == "reuse":
        message = f"{now}, and was reviewed as reused: {new.reason}"
        hint = "was it planned with another --store?" if new.action == "run" else None
        yield Consequence(new.id, "changed-result", message, hint)
    else:
        was = {"run": "to run"}.get(old.action, old.action)
        message = f"{now}, and was reviewed as {was}: {new.reason or old.reason}"
        yield Consequence(new.id, "changed-plan", message)


def _plan(before: WrittenPlan, now: WrittenPlan) -> Iterator[Consequence]:
    for change in changes(_fields(before), _fields(now)):
        yield Consequence(None, "changed-plan", f"{change} since the review")
    reviewed = {(one.get("code"), one.get("message")) for one in before.diagnostics}
    for one in now.diagnostics:
        if (one.get("code"), one.get("message")) not in reviewed:
            message = f"the plan that was reviewed did not say: {one.get('message')}"
            yield Consequence(None, "changed-plan", message)


def _fields(written: WrittenNode | WrittenPlan) -> Mapping[str, Any]:
    """Give what is compared field by field; where it stands in a file says nothing."""
    apart = _NOT_COMPARED if isinstance(written, WrittenNode) else _SEPARATELY
    fields = {n: v for n, v in written.model_dump(mode="json").items() if n not in apart}
    if isinstance(fields.get("ingredients"), dict):
        # Another machine measures anew; that is no other plan.
        fields["ingredients"] = {n: v for n, v in fields["ingredients"].items() if n != "machine"}
    placeless: dict[str, Any] = _without_places(fields)
    return placeless


def _without_places(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_places(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = value.keys() - _PLACES if value.keys() >= _PLACES else value.keys()
    return {name: _without_places(inner) for name, inner in value.items() if name in kept}
