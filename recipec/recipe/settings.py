"""`--set NAME=VALUE`: values from the command line."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from recipec.diagnostics import UsageError, error
from recipec.recipe.names import NameProblem, put, resolve
from recipec.recipe.origins import Origin
from recipec.recipe.placed import Placed
from recipec.source import DocumentError, Span, SpanTree, read_document

_FORM: Final = re.compile(r'(?P<name>(?:"[^"]*"|[^="])+)=(?P<value>.*)', re.DOTALL)


class Setting(NamedTuple):
    """One `--set`: the name, and the value as YAML reads it."""

    text: str
    name: str
    value: Placed

    def problem(self, message: str, hint: str | None = None) -> UsageError:
        """Make an error about the name."""
        span = self.value.spans.value
        at = span._replace(column=1, end_column=len(self.name) + 1)
        return UsageError(error("bad-setting", message, at, hint))

    def apply(self, root: Placed) -> Placed:
        """Set the value in a recipe. Raises UsageError when the name leads nowhere."""
        try:
            return put(root, resolve(root, self.name), self.value)
        except NameProblem as problem:
            raise self.problem(problem.message, problem.hint) from problem


def read_setting(text: str) -> Setting:
    """Read `NAME=VALUE`; the value is YAML. Raises UsageError."""
    written = text.encode(errors="replace").decode()
    if written != text:  # half of a surrogate pair is how Python passes on bytes that aren't UTF-8
        raise UsageError(error("bad-setting", f"--set {written!r} is not UTF-8"))
    form = _FORM.fullmatch(text)
    if form is None or not form["name"].strip():
        hint = "for example --set amount=0.5"
        raise UsageError(error("bad-setting", f"--set {text!r} is not NAME=VALUE", hint=hint))
    name, given = form["name"].strip(), form["value"]
    file = f"--set {text}"
    try:
        value = read_document(given, file).value if given.strip() else ""
    except DocumentError as problem:
        message = f"--set {text!r}: {problem.message}"
        raise UsageError(error("bad-setting", message, hint=problem.hint)) from problem
    column = len(form["name"]) + 2
    span = Span(file, 1, column, 1, column + len(given), text)
    key = span._replace(column=1, end_column=column - 1)
    origin = Origin("from --set", brief=f"--set {text}", text=given)
    return Setting(text, name, Placed(value, SpanTree(span, key, {}, origin)))
