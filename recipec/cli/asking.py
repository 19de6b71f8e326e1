"""Answers that come from options, from a person at a terminal, or from what is usual."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from recipec.diagnostics import Diagnostic, UsageError, error
from recipec.recipe import suggestion


class Asker:
    """Finds answers. Where it may not ask, it notes which options are missing.

    `ask` says whether there is a person; `usual` whether to take the usual answer unasked.
    """

    def __init__(self, *, ask: bool, usual: bool) -> None:
        self._ask, self._usual = ask, usual
        self.missing: list[str] = []

    @classmethod
    def here(cls, *, yes: bool) -> Asker:
        """Make one for this process: a person is there when there is a terminal, and no --yes."""
        return cls(ask=not yes and sys.stdin.isatty() and sys.stderr.isatty(), usual=yes)

    def choose(
        self, option: str, given: str | None, choices: Mapping[str, str], question: str
    ) -> str | None:
        """Find one of some words, each with its meaning; the first is the usual one."""
        if given is None and self._usual:
            given = next(iter(choices), None)
        if given is None and self._ask:
            for name, meaning in choices.items():
                click.echo(f"  {click.style(name, bold=True)}  {meaning}", err=True)
            given = self._prompt(question, lambda text: _one_of(text, choices, option), None)
        elif given is None:
            self.missing.append(option)
        return given if given is None else _one_of(given, choices, option)

    def text(
        self,
        option: str,
        given: str | None,
        question: str,
        check: Callable[[str], Any] = str,
        usual: str | None = None,
    ) -> Any:
        """Find any text that `check` accepts; `usual` may be "" for what can be left out."""
        if given is None and usual is not None and not self._ask:
            given = usual
        if given is None and self._ask:
            return self._prompt(question, lambda text: check(text) if text else None, usual)
        if given is None:
            self.missing.append(option)
        return check(given) if given else None

    def refuse_missing(self) -> None:
        """Raise UsageError when options are missing that nobody can be asked for."""
        if self.missing:
            raise UsageError(_missing(self.missing))

    def _prompt(self, question: str, check: Callable[[str], Any], usual: str | None) -> Any:
        def checked(text: str) -> Any:
            try:
                return check(text)
            except UsageError as problem:
                told = problem.diagnostics[0]
                hint = f"; {told.hint}" if told.hint else ""
                raise click.BadParameter(f"{told.message}{hint}") from problem

        return click.prompt(
            question, default=usual, value_proc=checked, show_default=bool(usual), err=True
        )


def _one_of(text: str, choices: Mapping[str, str], option: str) -> str:
    if text in choices:
        return text
    hint = suggestion(text, choices, "it can be one of")
    raise UsageError(error("bad-option", f"{option}: there is no {text!r} here", hint=hint))


def _missing(options: list[str]) -> Diagnostic:
    what = "this option is" if len(options) == 1 else "these options are"
    return error(
        "missing-option",
        f"there is nobody to ask, and {what} missing: {', '.join(options)}",
        hint="`recipec init --list` shows what can be chosen",
    )
