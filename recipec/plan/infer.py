"""infer: what each node will make, by its operator's `plan()`; facts in, facts out."""

from __future__ import annotations

from recipec.api import Facts, OperatorError
from recipec.diagnostics import MOST_ERRORS, Diagnostic, RecipecError, RecipeError, Severity
from recipec.plan.model import Node, Plan
from recipec.plan.planned import WrongPlan, check_planned
from recipec.plan.planning import NodePlanContext, Planning
from recipec.plan.unchanged import unchanged
from recipec.registry import named
from recipec.source import Path
from recipec.walls import Walled, walled


def infer(plan: Plan, planning: Planning) -> Plan:
    """Fill in the planned facts. Raises RecipeError with one problem for each root cause.

    A node whose operator needs what the machine doesn't have isn't asked: its facts stay unknown.
    """
    with walled() as within:
        inferring = _Inferring(planning, within)
        for node in plan.nodes:
            if len(inferring.problems) > MOST_ERRORS:
                break
            inferring.add(node)
    if inferring.problems:
        raise RecipeError(inferring.problems)
    return plan.with_nodes(tuple(inferring.done.values())).saying(*inferring.warnings)


class _Inferring:
    """Asks operators in the nodes' order; each has the facts of those before."""

    def __init__(self, planning: Planning, within: Walled) -> None:
        self.planning, self.within = planning, within
        self.context = NodePlanContext(planning)
        self.done: dict[str, Node] = {}
        self.problems: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.failed: set[str] = set()
        self.suspects: set[str] = set()
        self.said: set[tuple[str, str, Path]] = set()
        self.asked: set[str] = set()

    def add(self, node: Node) -> None:
        """Ask a node's operator, or say what is wrong with it."""
        if any(edge.node in self.failed for edge in node.inputs.values()):
            self.failed.add(node.id)  # a consequence
            return
        done, planning = self.done, self.planning
        inputs = {port: done[e.node].outputs[e.port] for port, e in node.inputs.items()}
        try:
            done[node.id], said = _infer_node(node, inputs, self.context)
            self.warnings += said
            if problem := unchanged(done[node.id], done[node.id].changed, planning):
                self.failed.add(node.id)
                self.problems.append(problem)
        except RecipecError:  # the store can't be written: that is no operator's mistake
            raise
        except (
            Exception,
            SystemExit,
        ) as problem:  # plan() is a plugin's code: it may raise anything
            self._tell(problem, node)
        if node.operator not in self.asked:  # what an operator does, it does when it is first asked
            self.asked.add(node.operator)
            plugin = planning.catalog.operators[node.operator].plugin
            who = f"plan() of {node.operator}, plugin {named(plugin.name, plugin)},"
            place = planning.recipe.place(node.at).value
            for what in self.within.look(plugin.package):
                told = Diagnostic(Severity.WARNING, "process-state", f"{who} {what}", place)
                self.warnings.append(told)

    def _tell(self, problem: BaseException, node: Node) -> None:
        """Add what an operator complains of, less what is only another sign of the same mistake.

        One evaluator measures many models, and says the same of each. And where a stage can't take
        a model, that the model can't be measured either comes of the same mistake as a rule; if it
        doesn't, it is told as soon as the stage is right.
        """
        self.failed.add(node.id)
        models = {edge.node for edge in node.inputs.values() if not edge.is_data}
        if node.role == "measure" and self.suspects & models:
            return
        if node.role != "measure":
            self.suspects |= models
        together = problem.more if isinstance(problem, OperatorError) else ()
        for one in (problem, *together):
            if isinstance(one, OperatorError) and node.role == "measure":
                same = node.operator, str(one.message), node.at + tuple(one.at)
                if same in self.said:
                    continue
                self.said.add(same)
            self.problems.append(operator_diagnostic(one, node, self.planning))


def _infer_node(
    node: Node, inputs: dict[str, Facts], context: NodePlanContext
) -> tuple[Node, list[Diagnostic]]:
    operator = context.planning.operator(node)
    requires = tuple(r.spec for r in operator.requires)
    lacking = [m for r in operator.requires if (m := context.missing(r))]
    if lacking:
        unknown = {port: output.kind() for port, output in operator.outputs.items()}
        unasked = {"outputs": unknown, "blocked": lacking[0], "requires": requires}
        return node.model_copy(update=unasked), []
    planned = check_planned(operator, operator.plan(inputs, context), context.planning.catalog)
    lacking = [m for r in planned.requires if (m := context.missing(r))]
    place = context.planning.recipe.place(node.at)
    said = [
        Diagnostic(Severity.WARNING, "operator", f"{node.id}: {warning}", place.value)
        for warning in planned.warnings
    ]
    new: dict[str, object] = {
        "requires": tuple(dict.fromkeys((*requires, *(r.spec for r in planned.requires)))),
        "outputs": dict(planned.outputs),
        "effects": tuple(planned.effects),
        "changed": dict(planned.changed),
        "matched": dict(planned.matched),
        "learns_from": dict(planned.learns_from),
        "work": planned.work,
        "unmeasured": dict(planned.unmeasured),
        "blocked": lacking[0] if lacking else None,
    }
    return node.model_copy(update=new), said


def operator_diagnostic(problem: BaseException, node: Node, planning: Planning) -> Diagnostic:
    """Put an operator's complaint at its place in the recipe; any other exception is its bug."""
    if not isinstance(problem, OperatorError):
        raised = f"{node.operator} raised {type(problem).__name__}: {problem}"
        message = f"{node.id}: {problem if isinstance(problem, WrongPlan) else raised}"
        hint = mistake_of(node, planning)
        return planning.recipe.error("operator-failed", message, node.at, hint)
    at: Path = (*node.at, "with", *problem.at) if problem.at else node.at
    return planning.recipe.error(
        "operator", f"{node.id} ({node.operator}): {problem.message}", at, problem.hint
    )


def mistake_of(node: Node, planning: Planning) -> str:
    """Say whose mistake it is when an operator breaks a rule: its plugin, with the version."""
    plugin = named(node.plugin, planning.catalog.plugin(node.plugin))
    return f"this is a mistake in plugin {plugin}; please report it"
