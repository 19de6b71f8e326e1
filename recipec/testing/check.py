"""Check an installed plugin from the outside, without what its author knows of it."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Checked(NamedTuple):
    """One check of one thing that a plugin offers, and how it ended.

    `check` names the check in kebab case (`framework-free`, `parameters-described`); `subject` is
    what it is about: an operator's id, a lint's code, a kind, a capability, or the plugin's name.
    `message` says what is wrong, `hint` what to do; both are empty where it passed. A check is
    `skipped` when there was nothing to run it on; its message then says what was missing.
    """

    check: str
    subject: str
    status: Literal["passed", "failed", "skipped"]
    message: str = ""
    hint: str = ""


def check_plugin(name: str, *, suite: bool = True) -> list[Checked]:
    """Check an installed plugin: by its own name (`acme`) or its package's (`recipec-acme`).

    What can be told without examples is checked here and in child processes. With `suite`, the
    contract suites that the package ships are run with pytest too: the modules that its entry
    points of the group `recipec.contract` name, else `PACKAGE.contract`. All checks are in the
    answer, those that passed too. Raises LookupError when no such plugin is installed.
    """
    from recipec.testing.installed import check_installed

    return check_installed(name, suite=suite)
