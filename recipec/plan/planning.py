"""What the passes know besides the plan: the recipe, the catalog, the machine, the store's view."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from recipec.api import (
    Artifact,
    DataSource,
    Facts,
    ImportString,
    LocalFile,
    Operator,
    OperatorError,
    Requirement,
)
from recipec.api.code import beside, load_object, local_files
from recipec.api.digests import digest_json, digest_path
from recipec.api.references import Reference
from recipec.diagnostics import UsageError, error
from recipec.plan.code import installed_identity
from recipec.plan.machine import Machine
from recipec.plan.model import Node
from recipec.plan.references import references
from recipec.recipe import Recipe
from recipec.registry import Catalog
from recipec.source import Path as Place

if TYPE_CHECKING:
    from recipec.plan.costs.past import PastRun

_Made: TypeAlias = tuple[dict[str, Any], Operator[Any], tuple[tuple[Place, Reference], ...]]

INSPECTION_FORMAT = 1
"""Raised when remembered inspections must not be believed any more."""


class Memory(Protocol):
    """What planning asks of the store, and the one thing that it writes there: inspections."""

    def outputs(self, key: str, catalog: Catalog) -> Mapping[str, Artifact[Facts]] | None:
        """Give what is stored under a key, None when nothing (whole) is."""
        ...

    def recall(self, key: str) -> Any | None:
        """Give a remembered inspection, None when there is none."""
        ...

    def remember(self, key: str, value: Any) -> None:
        """Keep an inspection's result."""
        ...

    def scratch(self) -> Path | None:
        """Give a folder for what libraries leave behind when they are imported, None for theirs."""
        ...

    def last_ingredients(self, recipe: str, node: str) -> Mapping[str, Any] | None:
        """Give what went into the node's key when it last ran, None when it never did."""
        ...

    def past_runs(self, machine: Mapping[str, str | int], operator: str) -> Sequence[PastRun]:
        """Give what the operator's latest runs on this machine (its fingerprint) took."""
        ...


class Forgetful:
    """A memory that holds nothing: plans made with it reuse nothing and leave nothing behind."""

    def outputs(self, key: str, catalog: Catalog) -> None:
        """Nothing is stored."""

    def recall(self, key: str) -> None:
        """Nothing is remembered."""

    def remember(self, key: str, value: Any) -> None:
        """Keep nothing."""

    def scratch(self) -> None:
        """There is no folder."""

    def last_ingredients(self, recipe: str, node: str) -> None:
        """Nothing ever ran."""

    def past_runs(self, machine: Mapping[str, str | int], operator: str) -> Sequence[PastRun]:
        """Nothing ever ran."""
        return ()


@dataclass(frozen=True, slots=True)
class Planning:
    """What every pass gets beside the plan."""

    recipe: Recipe
    catalog: Catalog
    machine: Machine
    memory: Memory
    force: frozenset[str] = frozenset()
    until: str | None = None
    imported: set[str] = field(default_factory=set)
    """Packages that looking at models has imported already."""
    _digests: dict[Path, str] = field(default_factory=dict)
    _states: dict[Path, object] = field(default_factory=dict)
    _installed: dict[str, str] = field(default_factory=dict)
    _code: dict[Path, tuple[Path, ...]] = field(default_factory=dict)
    _inspected: dict[str, Any] = field(default_factory=dict)
    _operators: dict[tuple[str, int], _Made] = field(default_factory=dict)

    def operator(self, node: Node) -> Operator[Any]:
        """Give the node's operator with its parameters.

        It is made once for all passes, and for all nodes that share their parameters.
        """
        return self._made(node)[1]

    def references(self, node: Node) -> tuple[tuple[Place, Reference], ...]:
        """Give all references in the node's parameters, each with its place below `with`."""
        return self._made(node)[2]

    def _made(self, node: Node) -> _Made:
        same = node.operator, id(node.params)  # which `_Made` keeps alive: the id stays its own
        made = self._operators.get(same)
        if made is None:
            kind = self.catalog.operator(node.operator)
            operator = kind(kind.params.model_validate(node.params))
            made = node.params, operator, tuple(references(operator.with_))
            self._operators[same] = made
        return made

    def identified(self, node: Node) -> bool:
        """Say whether a data node's key tells its content, without reading the samples."""
        operator = self.operator(node)
        return not isinstance(operator, DataSource) or operator.identified

    def file(self, reference: str) -> Path:
        """Give the absolute path of a file named in the recipe."""
        return (self.recipe.folder / Path(reference).expanduser()).absolute()

    def file_digest(self, path: Path) -> str:
        """Give the digest of a file or folder; each is read once."""
        if path not in self._digests:
            self._states[path] = _state(path)  # before it is read: a change meanwhile is seen
            self._digests[path] = digest_path(path)
        return self._digests[path]

    def changed(self) -> tuple[Path, ...]:
        """Give the files that are no longer as they were when the plan was made."""
        return tuple(path for path, state in self._states.items() if _state(path) != state)

    def code_digest(self, code: ImportString) -> str:
        """Give the identity of code: of a local file its bytes and those of the modules beside it
        that it imports; of an installed module its distribution and version."""
        if code.is_file:
            path = self.file(code.module).resolve()
            files = self.code_files(path)
            return digest_json(
                [[f.relative_to(path.parent).as_posix(), self.file_digest(f)] for f in files]
            )
        return self.installed(code.module)

    def code_files(self, path: Path) -> tuple[Path, ...]:
        """Give a `.py` file and the modules beside it that it imports; each is parsed once.

        Raises OperatorError when one of them isn't valid Python.
        """
        if path not in self._code:
            self._code[path] = local_files(path)
        return self._code[path]

    def recall(self, key: str) -> Any | None:
        """Give a remembered inspection, None when there is none; each is read once."""
        if key not in self._inspected:
            self._inspected[key] = self.memory.recall(key)
        return self._inspected[key]

    def remember(self, key: str, result: Any) -> None:
        """Keep an inspection's result."""
        self._inspected[key] = result
        try:
            self.memory.remember(key, result)
        except OSError as problem:
            raise _unwritable(problem) from problem

    def scratch(self) -> Path | None:
        """Give the folder for libraries' temporary files. Raises UsageError."""
        try:
            return self.memory.scratch()
        except OSError as problem:
            raise _unwritable(problem) from problem

    def installed(self, module: str) -> str:
        """Give the identity of an installed module; each is looked at once."""
        if module not in self._installed:
            self._installed[module] = installed_identity(module, self.catalog)
        return self._installed[module]


def _state(path: Path) -> object:
    """Give what changes when a file, or one in a folder, is written: times, sizes, numbers."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [
        (str(file), found.st_mtime_ns, found.st_size, found.st_ino)
        for file in files
        if file.is_file()
        for found in [file.stat()]
    ]


class NodePlanContext(NamedTuple):
    """The `PlanContext` that an operator's `plan()` gets."""

    planning: Planning

    def missing(self, requirement: Requirement) -> str | None:
        return self.planning.machine.missing(requirement)

    def version(self, distribution: str) -> str | None:
        return self.planning.machine.version(f"python:{distribution}")

    def file(self, reference: LocalFile) -> Path:
        return self.planning.file(reference)

    def _digest(self, file: LocalFile) -> str:
        try:
            return self.planning.file_digest(self.planning.file(file))
        except OSError as problem:  # gone since it was looked for, or not to be read
            raise OperatorError(f"{str(file)!r} can't be read: {problem.strerror}") from problem

    def inspect(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        code: ImportString | None = None,
        files: tuple[LocalFile, ...] = (),
        packages: tuple[str, ...] = (),
    ) -> Any:
        planning = self.planning
        key = digest_json(
            {
                "format": INSPECTION_FORMAT,
                "function": function,
                "by": planning.installed(function.partition(":")[0]),
                "arguments": dict(arguments),
                "code": None if code is None else [code, planning.code_digest(code)],
                "files": [self._digest(file) for file in files],
                "packages": {p: planning.machine.version(f"python:{p}") for p in packages},
            }
        )
        known = planning.recall(key)
        if known is not None:
            return known
        module, _, name = function.partition(":")
        folder = planning.recipe.folder
        with _temporary_files_in(planning.scratch()):
            loaded = {} if code is None else {"code": load_object(code, folder)}
            with beside(code, folder) if code else nullcontext():
                result = getattr(importlib.import_module(module), name)(**arguments, **loaded)
        planning.imported.update(packages)
        planning.remember(key, result)
        return result


def _unwritable(problem: OSError) -> UsageError:
    return UsageError(
        error("store", f"the store can't be written: {problem.filename}: {problem.strerror}")
    )


@contextmanager
def _temporary_files_in(folder: Path | None) -> Iterator[None]:
    """Let temporary files go into a folder: to import torch makes one, which would be a trace of
    planning outside the store. What libraries remember of it stays good, as the folder stays."""
    if folder is None:
        yield
        return
    import tempfile  # only needed when a model is looked at for the first time

    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
