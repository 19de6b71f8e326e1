"""bind: Recipe → Plan. Operators are looked up, parameters validated, edges drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from recipec.api import (
    DataRef,
    DataSamples,
    DataSource,
    Evaluator,
    Facts,
    ImportString,
    LocalFile,
    Model,
    ModelSource,
    Operator,
    Params,
    StageRef,
)
from recipec.diagnostics import Diagnostic, RecipeError
from recipec.plan.model import Edge, Node, Plan, Role
from recipec.plan.planning import Planning
from recipec.plan.references import port_name, references
from recipec.recipe import Stage, Use, diagnose, suggestion
from recipec.source import Path


def bind(planning: Planning) -> Plan:
    """Make the first plan of a recipe. Raises RecipeError with every independent problem."""
    binding = _Binding(planning)
    spec = planning.recipe.spec
    for name, use in spec.data.items():
        binding.add(f"data.{name}", "data", use, ("data", name))
    binding.add("model", "model", spec.model, ("model",))
    for index, stage in enumerate(spec.stages):
        before = spec.stages[index - 1].id if index else "model"
        binding.add(stage.id, "stage", stage, ("stages", index), before)
    if not binding.problems:
        binding.connect_example()
    if binding.problems:
        raise RecipeError(binding.problems)
    return Plan.model_construct(
        name=spec.name,
        seed=spec.seed,
        threads=spec.threads,
        baseline=spec.baseline,
        nodes=tuple(binding.nodes.values()),
        outputs=spec.outputs or (spec.stages[-1].id,),
        gates=spec.gates,
    )


@dataclass
class _Binding:
    planning: Planning
    nodes: dict[str, Node] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    lost: set[FilePath] = field(default_factory=set)

    def add(self, id: str, role: Role, use: Use, at: Path, before: str = "model") -> None:
        """Add a node for a `uses:`, or say what is wrong with it."""
        problems: list[Diagnostic] = []
        operator = self._operator(use, role, at, problems)
        if operator is not None:
            label = f"{id} ({operator.id})"
            params = validated(self.planning, operator, use.with_, (*at, "with"), label, problems)
            if params is not None:
                edges: dict[str, Edge] = {}
                if isinstance(use, Stage):
                    edges |= self._needs(operator, use, at, before, problems)
                edges |= self._references(params, id, (*at, "with"), problems)
                self.nodes[id] = make_node(
                    self.planning, id, role, operator, at, params, tuple(use.with_), edges
                )
        self.problems += problems
        if problems:
            self.failed.add(id)

    def _operator(
        self, use: Use, role: Role, at: Path, problems: list[Diagnostic]
    ) -> type[Operator[Any]] | None:
        recipe, catalog = self.planning.recipe, self.planning.catalog
        offered = catalog.operators.get(use.uses)
        if offered is None:
            message, namespace = f"no plugin offers {use.uses!r}", use.uses.partition(".")[0]
            hint = suggestion(use.uses, catalog.operators, "operators")
            for plugin in catalog.failures:
                if plugin.name == namespace:
                    message += f"; plugin {namespace!r} failed to load: {plugin.failure}"
                    hint = "see `recipec plugins`"
            problems.append(recipe.error("unknown-operator", message, (*at, "uses"), hint))
            return None
        operator = offered.operator
        if not _fits(operator, role):
            offers = [i for i, other in catalog.operators.items() if _fits(other.operator, role)]
            what = {"data": "a data source", "model": "a model source"}.get(role, "a step")
            problems.append(
                recipe.error(
                    "wrong-operator",
                    f"{use.uses!r} is not {what}",
                    (*at, "uses"),
                    f"here you can use {', '.join(offers)}",
                )
            )
            return None
        return operator

    def _references(
        self, params: Params, id: str, at: Path, problems: list[Diagnostic]
    ) -> Iterator[tuple[str, Edge]]:
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
                    problems.append(recipe.error("unknown-data", message, place, hint))
            elif isinstance(reference, StageRef):
                edge = self._edge(str(reference), id, Model, place, problems)
                if edge is not None:
                    yield port_name(path), edge
            elif isinstance(reference, LocalFile | ImportString):
                problems += self._file_problem(reference, place)

    def _file_problem(
        self, reference: LocalFile | ImportString, place: Path
    ) -> Iterator[Diagnostic]:
        if isinstance(reference, ImportString) and not reference.is_file:
            return
        name = reference.module if isinstance(reference, ImportString) else str(reference)
        path = self.planning.file(name)
        if not path.exists():
            lost = path if path.parent.is_dir() else path.parent
            if lost in self.lost:
                return  # told before: one missing folder is one problem
            self.lost.add(lost)
            if path.parent.is_dir():
                hint = suggestion(path.name, [p.name for p in path.parent.iterdir()], close=True)
            else:
                hint = f"there is no folder {name.rpartition('/')[0]!r} either"
            yield self.planning.recipe.error(
                "missing-file", f"there is no file {name!r}", place, hint
            )

    def _needs(
        self,
        operator: type[Operator[Any]],
        stage: Stage,
        at: Path,
        before: str,
        problems: list[Diagnostic],
    ) -> dict[str, Edge]:
        """Connect the declared inputs: to what `needs` says, or to the stage before."""
        recipe, misnamed = self.planning.recipe, set[str]()
        ports = dict(operator.inputs)
        if isinstance(stage.needs, dict):
            misnamed = stage.needs.keys() - ports.keys()
            for name in sorted(misnamed):
                hint = suggestion(name, ports, "inputs")
                message = f"{operator.id} has no input {name!r}"
                problems.append(recipe.error("unknown-input", message, (*at, "needs", name), hint))
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
                edge = self._edge(source, stage.id, port.kind, place, problems)
                if edge is not None:
                    edges[name] = edge
            elif not port.optional and not misnamed:
                message = f"{operator.id} needs the input {name!r} ({port.doc})"
                hint = f"write needs: {{{name}: STAGE}}"
                problems.append(recipe.error("missing-input", message, (*at, "uses"), hint))
        return edges

    def _edge(
        self, source: str, id: str, kind: type[Facts], place: Path, problems: list[Diagnostic]
    ) -> Edge | None:
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
                problems.append(
                    recipe.error("stage-order", message, place, "name a stage that comes before")
                )
            else:
                hint = suggestion(source, known, "stages")
                message = f"there is no stage {source!r}"
                problems.append(recipe.error("unknown-stage", message, place, hint))
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
        problems.append(
            recipe.error(
                "kinds-dont-meet",
                f"{id!r} needs {_kind_name(kind)}, and {source!r} makes {_kind_name(made)}",
                place,
                f"put a stage with {' or '.join(joins)} between them" if joins else None,
            )
        )
        return None

    def connect_example(self) -> None:
        """Let the model source see the first data that a stage names, for its input shapes."""
        node = self.nodes["model"]
        port = self.planning.catalog.operator(node.operator).inputs.get("example")
        if port is None or not issubclass(DataSamples, port.kind):
            return
        used = [e for n in self.nodes.values() for e in n.inputs.values() if e.port == "samples"]
        if used:
            edges = {**node.inputs, "example": used[0]}
            self.nodes["model"] = node.model_copy(update={"inputs": edges})


def validated(
    planning: Planning,
    operator: type[Operator[Any]],
    given: Mapping[str, Any],
    at: Path,
    label: str,
    problems: list[Diagnostic],
) -> Params | None:
    """Validate an operator's parameters, or say what is wrong with them; `label` names them."""
    try:
        return operator.params.model_validate(dict(given))
    except ValidationError as problem:
        problems += diagnose(problem, operator.params, planning.recipe.spans, given, at, label)
        return None


def make_node(
    planning: Planning,
    id: str,
    role: Role,
    operator: type[Operator[Any]],
    at: Path,
    params: Params,
    given: tuple[str, ...],
    inputs: Mapping[str, Edge],
) -> Node:
    """Make a node of an operator with valid parameters."""
    return Node.model_construct(  # checked by the type checker; validation is for what comes in
        id=id,
        role=role,
        operator=operator.id,
        version=operator.version,
        plugin=planning.catalog.operators[operator.id].plugin.name,
        at=at,
        params=params.model_dump(mode="json", by_alias=True),
        given=given,
        inputs=dict(inputs),
    )


def _fits(operator: type[Operator[Any]], role: Role) -> bool:
    """Say whether an operator may stand in this part of a recipe."""
    if role == "data":
        return issubclass(operator, DataSource)
    if role == "model":
        return issubclass(operator, ModelSource)
    return not issubclass(operator, DataSource | ModelSource | Evaluator)


def _kind_name(kind: type[Facts]) -> str:
    return getattr(kind, "kind", kind.__name__)
