"""Pins: the versions and digests that a plan stands on besides its recipe, and how they drift."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final, NamedTuple

from recipec.api import Frozen, ImportString, LocalFile, OperatorError, Requirement
from recipec.api.code import local_files
from recipec.diagnostics import Diagnostic, RecipeError
from recipec.plan.infer import operator_diagnostic
from recipec.plan.model import Node
from recipec.plan.planning import Planning
from recipec.registry import installed_version
from recipec.source import Path


class Pins(Frozen):
    """Everything has the name that the recipe has for it; digests are sha256.

    `plugins` are those whose operators are used, each with its distribution and version. `files`
    are data files and code beside the recipe. `code` are installed modules, with their distribution
    and version (and a digest, where that is an editable install). `packages` are those that
    requirements name; one that isn't installed isn't there.
    """

    recipec: str
    plugins: dict[str, str]
    packages: dict[str, str]
    files: dict[str, str]
    code: dict[str, str]


KINDS: Final[Mapping[str, str]] = {
    "plugins": "plugin",
    "packages": "package",
    "files": "file",
    "code": "module",
}
"""What an entry of each part of `Pins` is called."""


class Drift(NamedTuple):
    """One pin that isn't as it was.

    `before` is None where it wasn't pinned, `now` where it isn't used any more, or isn't there
    (`missing`). `at` is the first place in the recipe that leads to it.
    """

    kind: str
    name: str
    before: str | None
    now: str | None
    at: Path = ()
    missing: bool = False

    def __str__(self) -> str:
        """Say it as `package torch 2.9.0 → 2.9.1`; digests are shortened."""
        label = f"{self.kind} {self.name}" if self.name else self.kind
        return f"{label} {_pinned(self.before)} → {self.here}"

    @property
    def here(self) -> str:
        """What it is now."""
        return "not installed" if self.missing else _pinned(self.now)


def _pinned(value: str | None) -> str:
    """Write a pin's value for people: `recipec-acme 1.0`, `sha256:0a1b2c3d4e5f`."""
    words = ["nothing"] if value is None else value.split(" ")
    return " ".join(f"sha256:{word[:12]}" if len(word) == 64 else word for word in words)


class Pinning(NamedTuple):
    """Pins, the first place in the recipe that leads to each, by kind and name, and the packages
    that are asked for and aren't installed."""

    pins: Pins
    places: Mapping[tuple[str, str], Path]
    missing: frozenset[str]


def pin(nodes: Iterable[Node], planning: Planning, known: Iterable[str] = ()) -> Pinning:
    """Pin what nodes use. As long as they aren't planned, packages that only their plans will ask
    for are taken from `known`.

    Nothing is imported. Raises RecipeError for code and files that can't be read.
    """
    places: dict[tuple[str, str], Path] = {}
    pins = Pins(
        recipec=installed_version("recipec") or "",
        plugins={},
        packages=_packages(planning, known),
        files={},
        code={},
    )
    offered = {plugin.name: plugin for plugin in planning.catalog.plugins}
    problems: list[Diagnostic] = []
    for node in nodes:
        plugin = offered[node.plugin]
        pins.plugins[node.plugin] = f"{plugin.distribution} {plugin.version}"
        places.setdefault(("plugin", node.plugin), (*node.at, "uses"))
        specs = (*(r.spec for r in planning.operator(node).requires), *node.requires)
        for package in filter(None, (Requirement(spec).package for spec in specs)):
            places.setdefault(("package", package), (*node.at, "uses"))
            if found := planning.machine.version(f"python:{package}"):
                pins.packages[package] = found
        try:
            for kind, name, value, at in _named(node, planning):
                places.setdefault((KINDS[kind], name), at)
                getattr(pins, kind)[name] = value
        except (OperatorError, OSError) as problem:  # code that isn't Python, a file that is gone
            problems.append(operator_diagnostic(problem, node, planning))
    if problems:
        raise RecipeError(problems)
    missing = frozenset(n for n, v in planning.machine.probed.items() if v is None)
    return Pinning(pins, places, missing)


def joined(pinnings: Iterable[Pinning]) -> Pinning:
    """Give the pins of all variants of a recipe together; what they share is the same."""
    first, *others = pinnings
    for other in others:
        for part in KINDS:
            getattr(first.pins, part).update(getattr(other.pins, part))
    places = {key: at for one in (*others, first) for key, at in one.places.items()}
    missing = frozenset().union(first.missing, *(other.missing for other in others))
    return Pinning(first.pins, places, missing)


def drift(before: Pins, now: Pinning) -> Iterator[Drift]:
    """Say what isn't as it was pinned: other versions, other bytes, new names, names not used."""
    if before.recipec != now.pins.recipec:
        yield Drift("recipec", "", before.recipec, now.pins.recipec)
    for part, kind in KINDS.items():
        old, new = getattr(before, part), getattr(now.pins, part)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                place = now.places.get((kind, name), ())
                missing = kind == "package" and f"python:{name}" in now.missing
                yield Drift(kind, name, old.get(name), new.get(name), place, missing)


def _packages(planning: Planning, known: Iterable[str]) -> dict[str, str]:
    """Give what planning asked about, and other packages that are of interest."""
    names = [n for n in planning.machine.probed if n.startswith("python:")]
    names += [f"python:{name}" for name in known]
    found = {name: planning.machine.version(name) for name in names}
    return {name.removeprefix("python:"): v for name, v in found.items() if v is not None}


def _named(node: Node, planning: Planning) -> Iterator[tuple[str, str, str, Path]]:
    """Give the files and the code that a node's parameters name."""
    for path, reference in planning.references(node):
        at = (*node.at, "with", *path)
        if isinstance(reference, LocalFile):
            yield "files", str(reference), planning.file_digest(planning.file(reference)), at
        elif isinstance(reference, ImportString) and reference.is_file:
            file = planning.file(reference.module).resolve()
            for used in local_files(file):
                beside = os.path.relpath(used, file.parent)
                name = FilePath(reference.module).parent / beside
                yield "files", name.as_posix(), planning.file_digest(used), at
        elif isinstance(reference, ImportString):
            top = reference.module.partition(".")[0]
            yield "code", top, planning.code_digest(reference), at
