"""What a change of the API means to those who wrote plugins."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import dropwhile
from typing import Final, NamedTuple

HOOKS: Final = "recipec.api.hookspecs.recipec_"


class Changes(NamedTuple):
    """What is new and breaks nothing, and what may break a plugin."""

    added: tuple[str, ...]
    broken: tuple[str, ...]

    def told(self) -> str:
        """Say it, a line each."""
        marked = [*(f"  breaks  {line}" for line in self.broken)]
        return "\n".join([*marked, *(f"  new     {line}" for line in self.added)])


def changes(before: Sequence[str], after: Sequence[str]) -> Changes:
    """Compare two descriptions of the API."""
    now, then = {name_of(line): line for line in after}, {name_of(line): line for line in before}
    added, broken = [], []
    for name, old in then.items():
        new = now.get(name)
        if new is None:
            broken.append(f"{old}\n          is gone")
        elif new != old and not takes_all_of(old, new):
            broken.append(f"{old}\n          is now {new}")
        elif new != old:
            added.append(f"{old}\n          is now {new}")
    for name, line in now.items():
        if name not in then:
            needed = is_needed_field(line, now, then) or is_between_fields(name, now, then)
            (broken if needed else added).append(line)
    return Changes(tuple(added), tuple(broken))


def name_of(line: str) -> str:
    """Give the dotted name that a line is about."""
    return re.match(r"[\w.]+", line)[0]  # type: ignore[index]  # every line begins with a name


def takes_all_of(old: str, new: str) -> bool:
    """Say whether a function takes every call that it took, and gives the same.

    What plugins implement (abstract methods) may not take more either: they wouldn't. Hooks may:
    an implementation takes the arguments that it names.
    """
    was, now = _parsed(old), _parsed(new)
    if was is None or now is None or "abstractmethod" in old + new:
        return False
    if _returned(was) != _returned(now) or old.count("  (") != new.count("  ("):
        return False
    before, after = _arguments(was), _arguments(now)
    kept = dict.fromkeys(before)
    same = all(after.get(name) == before[name] for name in kept)
    positions = [name for name in after if after[name].where == "positional"]
    begins = positions[: len([n for n in before if before[n].where == "positional"])]
    ordered = begins == [n for n in before if before[n].where == "positional"]
    more = [argument for name, argument in after.items() if name not in before]
    optional = old.startswith(HOOKS) or all(argument.default is not None for argument in more)
    return same and ordered and optional


def is_needed_field(line: str, now: dict[str, str], then: dict[str, str]) -> bool:
    """Say whether a line is new in an old class, and a field without a default or abstract."""
    owner = name_of(line).rpartition(".")[0]
    if owner not in then or ": class(" not in then[owner]:
        return False
    field = re.match(r"[\w.]+: ", line) and " = " not in line and not line.endswith(")")
    return bool(field and _has_fields(now[owner])) or "abstractmethod" in line


def is_between_fields(name: str, now: dict[str, str], then: dict[str, str]) -> bool:
    """Say whether a new field stands before an old one, in a class whose fields have an order."""
    owner = name.rpartition(".")[0]
    if owner not in then or "NamedTuple" not in then[owner]:
        return False
    behind = list(dropwhile(lambda other: other != name, now))
    return any(
        other in then and other.startswith(f"{owner}.") and re.match(r"[\w.]+: ", now[other])
        for other in behind
    )


class _Argument(NamedTuple):
    where: str
    annotation: str | None
    default: str | None


def _parsed(line: str) -> ast.FunctionDef | None:
    name = name_of(line)
    if not line[len(name) :].startswith("("):
        return None
    signature = line[len(name) :].partition("  (")[0]
    tree = ast.parse(f"def f{signature}: ...").body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def _returned(function: ast.FunctionDef) -> str | None:
    return ast.unparse(function.returns) if function.returns else None


def _arguments(function: ast.FunctionDef) -> dict[str, _Argument]:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    defaults = [*[None] * (len(positional) - len(given.defaults)), *given.defaults]
    placed = [("positional", a, d) for a, d in zip(positional, defaults, strict=True)]
    placed += [("keyword", a, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    placed += [("rest", a, ast.Constant(...)) for a in (given.vararg, given.kwarg) if a]
    return {a.arg: _Argument(where, _text(a.annotation), _text(d)) for where, a, d in placed}


def _text(node: ast.expr | None) -> str | None:
    return None if node is None else ast.unparse(node)


def _has_fields(line: str) -> bool:
    return any(base in line for base in ("NamedTuple", "Frozen", "Params", "Facts", "Model"))
