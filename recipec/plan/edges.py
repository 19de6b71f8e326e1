"""Edges of the plan: from `needs`, from the order of stages, and from references in parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

from recipec.api import (
    DataRef,
    Facts,
    ImportString,
    LocalFile,
    Model,
    ModelSource,
    Operator,
    Params,
    StageRef,
)
from recipec.diagnostics import Diagnostic
from recipec.plan.model import Edge, Node
from recipec.plan.planning import Planning
from recipec.plan.references import port_name, references
from recipec.recipe import Stage, suggestion
from recipec.source import Path

_SHOWN: Final = 8
"""How many files of a folder a hint names."""


@dataclass
class Connector:
    """Connects nodes to those that are there; what is wrong is added to `problems`.

    `failed` names nodes that have a problem of their own: to need one of them is no second problem.
    """

    planning: Planning
    nodes: Mapping[str, Node]
    failed: set[str] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)
    lost: set[FilePath] = field(default_factory=set)

    def references(self, params: Params, id: str, at: Path) -> Iterator[tuple[str, Edge]]:
        """Give the edges of parameters that name data or stages; check files and code."""
        recipe = self.planning.recipe
        for path, reference in references(params):
            place = at + path
            if isinstance(reference, DataRef):
                if reference in recipe.spec.data:
                    yield (
                        port_name(path),
                        Edge.model_construct(node=f"data.{reference}", port="samples"),
                    )
                else:
                    hint = suggestion(reference, recipe.spec.data, "data")
                    message = f"there is no data {str(reference)!r}"
                    self.problems.append(recipe.error("unknown-data", message, place, hint))
            elif isinstance(reference, StageRef):
                edge = self.edge(str(reference), id, Model, place)
                if edge is not None:
                    yield port_name(path), edge
            elif isinstance(reference, LocalFile | ImportString):
                self.problems += self._file_problem(reference, place)

    def _file_problem(
        self, reference: LocalFile | ImportString, place: Path
    ) -> Iterator[Diagnostic]:
        if isinstance(reference, ImportString) and not reference.is_file:
            return
        name = reference.module if isinstance(reference, ImportString) else str(reference)
        try:
            path = self.planning.file(name)
            there = path.is_file() or (isinstance(reference, LocalFile) and path.is_dir())
            other = not there and path.exists()
        except (OSError, RuntimeError, ValueError) as problem:  # a name that no file can have
            said = problem.strerror if isinstance(problem, OSError) else problem
            message = f"{name!r} can't be a file: {said}"
            yield self.planning.recipe.error("missing-file", message, place)
            return
        if other:  # a pipe or a device has no content to tell apart from another
            what = "a folder" if path.is_dir() else "neither a file nor a folder"
            yield self.planning.recipe.error("missing-file", f"{name!r} is {what}", place)
        elif not there:
            lost = path if path.parent.is_dir() else path.parent
            if lost in self.lost:
                return  # told before: one missing folder is one problem
            self.lost.add(lost)
            if path.parent.is_dir():
                hint = _file_there(path)
            else:
                folder = name.rpartition("/")[0] or str(path.parent)
                hint = f"there is no folder {folder!r} either"
            yield self.planning.recipe.error(
                "missing-file", f"there is no file {name!r}", place, hint
            )

    def needs(
        self,
        operator: type[Operator[Any]],
        stage: Stage,
        at: Path,
        before: str,
    ) -> dict[str, Edge]:
        """Connect the declared inputs: to what `needs` says, or to the stage before."""
        if issubclass(operator, ModelSource):
            if stage.needs:
                self.problems.append(
                    self.planning.recipe.error(
                        "unknown-input",
                        f"{operator.id} needs no stage: a model comes from it",
                        (*at, "needs"),
                        "leave `needs` out",
                    )
                )
            return {}
        recipe, misnamed = self.planning.recipe, set[str]()
        ports = dict(operator.inputs)
        if isinstance(stage.needs, dict):
            misnamed = stage.needs.keys() - ports.keys()
            for name in sorted(misnamed):
                hint = suggestion(name, ports, "inputs")
                message, place = f"{operator.id} has no input {name!r}", (*at, "needs", name)
                self.problems.append(recipe.error("unknown-input", message, place, hint))
            wanted = {n: (s, (*at, "needs", n)) for n, s in stage.needs.items() if n in ports}
        else:
            first = next(iter(ports), None)
            source = stage.needs or before
            place = (*at, "needs") if stage.needs else (*at, "uses")
            wanted = {} if first is None else {first: (source, place)}
        edges: dict[str, Edge] = {}
        for name, port in ports.items():
            if name in wanted:
                source, place = wanted[name]
                edge = self.edge(source, stage.id, port.kind, place)
                if edge is not None:
                    edges[name] = edge
            elif not port.optional and not misnamed:
                message = f"{operator.id} needs the input {name!r} ({port.doc})"
                given = {n: wanted[n][0] if n in wanted else "STAGE" for n in ports}
                meant = ", ".join(
                    f"{n}: {source}"
                    for n, source in given.items()
                    if n in wanted or not ports[n].optional
                )
                hint = f"write needs: {{{meant}}}"
                self.problems.append(recipe.error("missing-input", message, (*at, "uses"), hint))
        return edges

    def edge(self, source: str, id: str, kind: type[Facts], place: Path) -> Edge | None:
        """Connect a port to a stage's output of a fitting kind."""
        recipe, catalog = self.planning.recipe, self.planning.catalog
        if source in self.failed:
            return None  # its own problem is told; this would be a consequence
        node = self.nodes.get(source)
        if node is None:
            known = [n for n, other in self.nodes.items() if other.role != "data"]
            if source in [stage.id for stage in recipe.spec.stages]:
                message = (
                    f"{source!r} comes after {id!r}" if source != id else f"{id!r} needs itself"
                )
                self.problems.append(
                    recipe.error("stage-order", message, place, "name a stage that comes before")
                )
            else:
                hint = suggestion(source, known, "stages")
                message = f"there is no stage {source!r}"
                self.problems.append(recipe.error("unknown-stage", message, place, hint))
            return None
        outputs = catalog.operator(node.operator).outputs
        for name, port in outputs.items():
            if issubclass(port.kind, kind):
                return Edge.model_construct(node=source, port=name)
        made = next(iter(outputs.values())).kind if outputs else Facts
        joins = [
            offered
            for offered, o in catalog.operators.items()
            if any(issubclass(made, p.kind) for p in o.operator.inputs.values())
            and any(issubclass(p.kind, kind) for p in o.operator.outputs.values())
        ]
        self.problems.append(
            recipe.error(
                "kinds-dont-meet",
                f"{id!r} needs {_kind_name(kind)}, and {source!r} makes {_kind_name(made)}",
                place,
                f"put a stage with {' or '.join(joins)} between them"
                if joins
                else self._others(kind),
            )
        )
        return None

    def _others(self, kind: type[Facts]) -> str | None:
        """Give a hint: the stages before that make what is needed."""
        fit = [
            id
            for id, node in self.nodes.items()
            if node.role != "data"
            and any(
                issubclass(port.kind, kind)
                for port in self.planning.catalog.operator(node.operator).outputs.values()
            )
        ]
        return f"stages that make it: {', '.join(fit)}" if fit else None


def _file_there(path: FilePath) -> str | None:
    """Give a hint for a file that isn't there: one with a like name, else some that are."""
    names = [one.name for one in path.parent.iterdir()]
    shown = sorted(name for name in names if not name.startswith((".", "__pycache__")))
    if near := suggestion(path.name, names, close=True):
        return near
    listed = ", ".join(shown[:_SHOWN]) + (", …" if len(shown) > _SHOWN else "")
    return f"that folder has: {listed}" if shown else "that folder is empty"


def _kind_name(kind: type[Facts]) -> str:
    return getattr(kind, "kind", kind.__name__)
