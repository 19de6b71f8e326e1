"""infer: what each node will make, by its operator's `plan()`; facts in, facts out."""

from __future__ import annotations

from recipec.api import Facts, Operator, OperatorError
from recipec.diagnostics import MOST_ERRORS, Diagnostic, RecipecError, RecipeError, Severity
from recipec.plan.model import Node, Plan
from recipec.plan.planning import NodePlanContext, Planning
from recipec.plan.unchanged import unchanged
from recipec.source import Path


def infer(plan: Plan, planning: Planning) -> Plan:
    """Fill in the planned facts. Raises RecipeError with one problem for each root cause.

    A node whose operator needs what the machine doesn't have isn't asked: its facts stay unknown.
    """
    context = NodePlanContext(planning)
    done: dict[str, Node] = {}
    problems: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    failed: set[str] = set()
    for node in plan.nodes:
        if len(problems) > MOST_ERRORS:
            break
        if any(edge.node in failed for edge in node.inputs.values()):
            failed.add(node.id)  # a consequence
            continue
        inputs = {port: done[e.node].outputs[e.port] for port, e in node.inputs.items()}
        try:
            done[node.id], said = _infer_node(node, inputs, context)
            warnings += said
            if problem := unchanged(done[node.id], done[node.id].changed, planning):
                failed.add(node.id)
                problems.append(problem)
        except RecipecError:  # the store can't be written: that is no operator's mistake
            raise
        except Exception as problem:  # plan() is a plugin's code and may raise anything
            failed.add(node.id)
            together = problem.more if isinstance(problem, OperatorError) else ()
            problems += [operator_diagnostic(p, node, planning) for p in (problem, *together)]
    if problems:
        raise RecipeError(problems)
    return plan.with_nodes(tuple(done.values())).saying(*warnings)


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
    planned = operator.plan(inputs, context)
    _check_outputs(operator, planned.outputs)
    lacking = [m for r in planned.requires if (m := context.missing(r))]
    place = context.planning.recipe.place(node.at)
    said = [
        Diagnostic(Severity.WARNING, "operator", f"{node.id}: {warning}", place.value)
        for warning in planned.warnings
    ]
    new: dict[str, object] = {
        "requires": tuple(dict.fromkeys((*requires, *(r.spec for r in planned.requires)))),
        "outputs": dict(planned.outputs),
        "effects": planned.effects,
        "changed": dict(planned.changed),
        "matched": dict(planned.matched),
        "learns_from": dict(planned.learns_from),
        "work": planned.work,
        "unmeasured": dict(planned.unmeasured),
        "blocked": lacking[0] if lacking else None,
    }
    return node.model_copy(update=new), said


def _check_outputs(operator: Operator[object], outputs: object) -> None:  # type: ignore[type-var]
    """Hold an operator to its declared ports; to break them is the operator's mistake."""
    wanted = {name: port.kind for name, port in operator.outputs.items()}
    made = {n: type(f) for n, f in outputs.items()} if isinstance(outputs, dict) else {}
    if made.keys() != wanted.keys() or any(not issubclass(made[n], k) for n, k in wanted.items()):
        raise OperatorError(
            f"{operator.id} planned outputs {sorted(made)} and declares {sorted(wanted)}"
        )


def operator_diagnostic(problem: Exception, node: Node, planning: Planning) -> Diagnostic:
    """Put an operator's complaint at its place in the recipe; any other exception is its bug."""
    if not isinstance(problem, OperatorError):
        message = f"{node.id}: {node.operator} raised {type(problem).__name__}: {problem}"
        hint = f"this is a mistake in plugin {node.plugin!r}; please report it"
        return planning.recipe.error("operator-failed", message, node.at, hint)
    at: Path = (*node.at, "with", *problem.at) if problem.at else node.at
    return planning.recipe.error(
        "operator", f"{node.id} ({node.operator}): {problem.message}", at, problem.hint
    )
