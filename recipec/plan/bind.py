"""bind: Recipe → Plan. Operators are looked up, parameters validated, edges drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from recipec.api import (
    DataSamples,
    DataSource,
    Evaluator,
    ModelSource,
    Operator,
    Params,
)
from recipec.diagnostics import MOST_ERRORS, Diagnostic, RecipeError
from recipec.plan.edges import Connector
from recipec.plan.model import Edge, Isolation, Node, Plan, Role
from recipec.plan.planning import Planning
from recipec.plan.relative import seen_from_recipe
from recipec.plan.silences import silence_problems
from recipec.plan.stated_plugins import not_in_use, plugin_problems, stated_plugins
from recipec.recipe import Stage, Use, diagnose, suggestion
from recipec.recipe.misread import not_finite, not_of_its_type
from recipec.source import Path


def bind(planning: Planning) -> Plan:
    """Make the first plan of a recipe. Raises RecipeError with every independent problem."""
    binding = _Binding(planning)
    spec = planning.recipe.spec
    unusable = dict(plugin_problems(planning)) if spec.plugins else {}
    binding.unusable |= unusable.keys()
    binding.problems += unusable.values()
    for name, use in spec.data.items():
        if len(binding.problems) > MOST_ERRORS:
            break
        binding.add(f"data.{name}", "data", use, ("data", name))
    binding.add("model", "model", spec.model, ("model",))
    for index, stage in enumerate(spec.stages):
        if len(binding.problems) > MOST_ERRORS:
            break
        before = spec.stages[index - 1].id if index else "model"
        binding.add(stage.id, "stage", stage, ("stages", index), before)
    binding.problems += silence_problems(planning)
    if not binding.problems:
        binding.connect_example()
    if binding.problems:
        raise RecipeError(binding.problems)
    return Plan.model_construct(
        name=planning.recipe.title,
        seed=spec.seed,
        threads=spec.threads,
        baseline=spec.baseline,
        plugins=stated_plugins(planning) if spec.plugins else {},
        nodes=tuple(binding.nodes.values()),
        outputs=spec.outputs or (spec.stages[-1].id,),
        diagnostics=planning.recipe.warnings,
    )


@dataclass
class _Binding:
    planning: Planning
    nodes: dict[str, Node] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    unusable: set[str] = field(default_factory=set)
    """Plugins that the recipe states and that can't be used: that is told once."""

    def __post_init__(self) -> None:
        self.connector = Connector(self.planning, self.nodes, self.failed)

    def add(self, id: str, role: Role, use: Use, at: Path, before: str = "model") -> None:
        """Add a node for a `uses:`, or say what is wrong with it."""
        problems = self.connector.problems = []
        operator = self._operator(use, role, at, problems)
        if operator is not None:
            label = f"{id} ({operator.id})"
            params = validated(self.planning, operator, use.with_, (*at, "with"), label, problems)
            if params is not None:
                edges: dict[str, Edge] = {}
                if isinstance(use, Stage):
                    edges |= self.connector.needs(operator, use, at, before)
                edges |= self.connector.references(params, id, (*at, "with"))
                node = make_node(
                    self.planning, id, role, operator, at, params, tuple(use.with_), edges
                )
                if isinstance(use, Stage):
                    node = _as_asked(node, use)
                self.nodes[id] = node
        self.problems += problems
        if problems or operator is None:
            self.failed.add(id)

    def _operator(
        self, use: Use, role: Role, at: Path, problems: list[Diagnostic]
    ) -> type[Operator[Any]] | None:
        recipe, catalog = self.planning.recipe, self.planning.catalog
        offered = catalog.operators.get(use.uses)
        if offered is None:
            namespace = use.uses.partition(".")[0]
            if namespace in self.unusable:
                return None
            message = f"no plugin offers {use.uses!r}"
            hint = suggestion(use.uses, catalog.operators, "operators")
            plugin = catalog.plugin(namespace)
            if plugin is not None and not plugin.loaded:
                why, hint = not_in_use(plugin)
                message += f"; {why}"
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

    def connect_example(self) -> None:
        """Let model sources see the first data that a stage names, for their input shapes."""
        used = [e for n in self.nodes.values() for e in n.inputs.values() if e.port == "samples"]
        for id, node in self.nodes.items():
            operator = self.planning.catalog.operator(node.operator)
            port = operator.inputs.get("example")
            if not used or port is None or not issubclass(operator, ModelSource):
                continue
            source = self.planning.operator(node)
            wants = isinstance(source, ModelSource) and source.needs_example
            if wants and issubclass(DataSamples, port.kind):
                edges = {**node.inputs, "example": used[0]}
                self.nodes[id] = node.model_copy(update={"inputs": edges})


def validated(
    planning: Planning,
    operator: type[Operator[Any]],
    given: Mapping[str, Any],
    at: Path,
    label: str,
    problems: list[Diagnostic],
) -> Params | None:
    """Validate an operator's parameters, or say what is wrong with them; `label` names them."""
    recipe = planning.recipe
    found = dict(not_finite(given))
    told = [recipe.error("invalid-value", said, at + path) for path, said in found.items()]
    try:
        params = operator.params.model_validate(dict(given))
        told += [
            recipe.error("invalid-value", said, at + path)
            for path, said in not_of_its_type(given, params)
        ]
    except ValidationError as problem:
        seen = {diagnostic.span for diagnostic in told}
        wrong = diagnose(problem, operator.params, recipe.spans, given, at, label)
        told += [diagnostic for diagnostic in wrong if diagnostic.span not in seen]
    problems += told
    return None if told else seen_from_recipe(params, given, recipe, at)


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
        # not left to the defaults, whose factories Pydantic calls more slowly than all the rest
        outputs={},
        changed={},
        matched={},
        learns_from={},
        unmeasured={},
        digests={},
        traits=tuple(sorted(operator.traits)),
        isolation=Isolation() if operator.isolation == "process" else None,
    )


def _as_asked(node: Node, stage: Stage) -> Node:
    """Give a node with what the recipe says of how it runs."""
    asked: dict[str, Any] = {}
    if stage.allow_unchanged:
        asked["allow_unchanged"] = True
    if stage.isolation is not None or stage.limits is not None:
        limits = stage.limits.model_dump() if stage.limits is not None else {}
        asked["isolation"] = Isolation(**limits)
    return node.model_copy(update=asked) if asked else node


def _fits(operator: type[Operator[Any]], role: Role) -> bool:
    """Say whether an operator may stand in this part of a recipe.

    A model source may stand among the stages too: it is where a second model comes from.
    """
    if role == "data":
        return issubclass(operator, DataSource)
    if role == "model":
        return issubclass(operator, ModelSource)
    return not issubclass(operator, DataSource | Evaluator)
