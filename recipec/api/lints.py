"""Lints: what an experienced engineer would say about a plan before anything is spent on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from recipec.api.views import Finding, PlanView


class Lint(NamedTuple):
    """A mistake, or a likely one, that can be seen in a plan. It warns, and can be silenced.

    `code` is what a recipe silences it by: in kebab case, for a plugin's lint behind the plugin's
    name and a dot (`acme.too-many-stages`). `summary` is one line for lists. `page` is where its
    explanation is, a Markdown file in a package, as `package:path/in/it.md`: it begins with
    `# CODE` and the summary, says why the thing matters (with numbers or a source), what to do, and
    how to silence it.

    `check` sees the finished plan and gives a finding for each place. It is pure, imports no
    framework, and takes time in proportion to the plan. It had better miss something than cry wolf.

    One that reasons from what isn't there sets `whole_plan`: it isn't asked when `--until` leaves
    stages out. One whose findings depend on the machine sets `machine_bound`: a silence of it is
    not called useless on a machine where it has nothing to say.
    """

    code: str
    summary: str
    page: str
    check: Callable[[PlanView], Iterable[Finding]]
    whole_plan: bool = False
    machine_bound: bool = False
