"""`--only-plugins`: a choice that holds for one command, and for the processes it starts."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import entry_points

from recipec.api.hookspecs import PROJECT
from recipec.diagnostics import UsageError, error
from recipec.recipe import suggestion
from recipec.registry.distributions import name_and_version
from recipec.registry.selection import ONLY, names, spelt


def only_plugins(given: str) -> Callable[[], None]:
    """Choose plugins by their names or distributions; give what undoes it. Raises UsageError."""
    points = entry_points(group=PROJECT)
    known = {spelt(point.name) for point in points}
    brought = {spelt(name_and_version(point.dist)[0]) for point in points if point.dist}
    wanted = list(names(given))
    for name in wanted:
        if name not in known | brought:
            message = f"--only-plugins names {name!r}, which is not installed"
            raise UsageError(error("only-plugins", message, hint=suggestion(name, known)))
    if not wanted:
        message = "--only-plugins names no plugin"
        raise UsageError(error("only-plugins", message, hint="for example --only-plugins torch"))
    before = os.environ.get(ONLY)
    os.environ[ONLY] = ",".join(wanted)

    def undo() -> None:
        if before is None:
            del os.environ[ONLY]
        else:
            os.environ[ONLY] = before

    return undo
