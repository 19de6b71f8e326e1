"""key: collect what goes into each node's key, all but the digests of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from recipec.api import DataRef, ImportString, LocalFile, OperatorError, Requirement, StageRef
from recipec.api.digests import digest_json
from recipec.diagnostics import Diagnostic, RecipeError
from recipec.plan.infer import operator_diagnostic
from recipec.plan.model import Node, Plan
from recipec.plan.planning import Planning
from recipec.plan.references import replaced
from recipec.source import Path

FORMAT = 1
"""Raised when the make-up of keys changes, so that no old entry is taken for a new one."""


def key(plan: Plan, planning: Planning) -> Plan:
    """Fill in the ingredients: operator and version, parameters, code, files, packages, seed.

    Raises RecipeError for code and files that can't be read.
    """
    nodes: list[Node] = []
    problems: list[Diagnostic] = []
    for node in plan.nodes:
        try:
            ingredients = _ingredients(node, plan, planning)
        except (OperatorError, OSError) as problem:  # code that isn't Python, a file that is gone
            problems.append(operator_diagnostic(problem, node, planning))
        else:
            nodes.append(node.model_copy(update={"ingredients": ingredients}))
    if problems:
        raise RecipeError(problems)
    return plan.with_nodes(tuple(nodes))


def complete_key(ingredients: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Give a node's key: the sha256 of its ingredients and its inputs' digests by port."""
    return digest_json({**ingredients, "inputs": dict(inputs)})


def _ingredients(node: Node, plan: Plan, planning: Planning) -> dict[str, Any]:
    operator = planning.operator(node)
    new: dict[Path, Any] = {}
    for path, reference in planning.references(node):
        if isinstance(reference, LocalFile):
            # The bytes count, not the name: a moved file is the same file.
            new[path] = {"file": planning.file_digest(planning.file(reference))}
        elif isinstance(reference, ImportString):
            module = FilePath(reference.module).name if reference.is_file else reference.module
            digest = planning.code_digest(reference)
            new[path] = {"code": f"{module}:{reference.name}", "digest": digest}
        elif isinstance(reference, DataRef | StageRef):
            new[path] = None  # an edge: its digest comes with the inputs
    needed = [requirement for spec in node.requires if (requirement := Requirement(spec)).package]
    packages = {r.package: planning.machine.version(r.capability) for r in needed}
    ingredients: dict[str, Any] = {
        "format": FORMAT,
        "operator": node.operator,
        "version": node.version,
        "params": replaced(node.params, new),
        "packages": packages,
    }
    if node.role != "data":
        ingredients |= {"seed": plan.seed, "threads": plan.threads}
    if operator.machine_bound:
        ingredients["machine"] = dict(planning.machine.fingerprint)
    return ingredients


def input_digests(node: Node, digests: Mapping[str, Mapping[str, str]]) -> dict[str, str] | None:
    """Give the digests of a node's inputs by port, None while one isn't known.

    What a measurement can't measure doesn't go into its key.
    """
    known: dict[str, str] = {}
    for port, edge in node.inputs.items():
        if port in node.unmeasured:
            continue
        digest = digests.get(edge.node, {}).get(edge.port)
        if digest is None:
            return None
        known[port] = digest
    return known
