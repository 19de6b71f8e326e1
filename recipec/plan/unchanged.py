"""A stage that changes nothing is a mistake, unless the recipe says that it may."""

from __future__ import annotations

from collections.abc import Mapping

from recipec.api import Unknown
from recipec.diagnostics import Diagnostic
from recipec.plan.model import Node
from recipec.plan.planning import Planning


def unchanged(
    node: Node, changed: Mapping[str, int | Unknown], planning: Planning
) -> Diagnostic | None:
    """Complain of a stage whose counted changes are all 0, planned or made."""
    if not changed or node.allow_unchanged or any(count != 0 for count in changed.values()):
        return None
    nothing = "; ".join((*(f"0 {what}" for what in changed), *node.effects))
    return planning.recipe.error(
        "nothing-changed",
        f"{node.id} ({node.operator}) changes nothing: {nothing}",
        node.at,
        "choose other layers or another amount; or allow it with `allow_unchanged: true` beside "
        "`uses:`",
    )


def counted(changed: Mapping[str, int | Unknown], known_after: str) -> list[str]:
    """Say what is changed: `48 channels removed`."""
    return [
        f"{what} (known after {known_after})" if isinstance(count, Unknown) else f"{count:,} {what}"
        for what, count in changed.items()
    ]
