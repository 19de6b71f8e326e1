"""Everything that goes into a node's key, and what of it changed since the node last ran."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from recipec.api import UNKNOWN, Estimate, Frozen, ImportString, LocalFile, Unknown
from recipec.api.code import local_files
from recipec.diagnostics import UsageError, error
from recipec.plan.changes import differences, is_content
from recipec.plan.content import content
from recipec.plan.model import Node, Plan, Role
from recipec.plan.planning import Planning
from recipec.plan.reuse import by_source
from recipec.recipe import suggestion

FORMAT: Final = "recipec.explanation/v1"


class ExplainedInput(Frozen):
    """An input, and the digest that goes into the key; UNKNOWN until the other node ran."""

    port: str
    node: str
    digest: str | Unknown


class ExplainedContent(Frozen):
    """Code or a file that a parameter names: its identity or sha256.

    `files` are those that local code consists of, by their path, with the sha256 of each.
    """

    parameter: str
    name: str
    digest: str
    files: dict[str, str] = {}  # noqa: RUF012 (of a model: Pydantic copies it)


class Explanation(Frozen):
    """What decides whether a node runs. `params` are without what `inputs`, `code` and `files`
    say; `changed` says in words what changed since it last ran, None when it never did."""

    format: Literal["recipec.explanation/v1"] = FORMAT
    stage: str
    role: Role
    operator: str
    version: int
    plugin: str
    action: str
    reason: str
    key: str | Unknown
    key_format: int
    params: dict[str, Any]
    given: tuple[str, ...]
    packages: dict[str, str | None]
    code: tuple[ExplainedContent, ...]
    files: tuple[ExplainedContent, ...]
    inputs: tuple[ExplainedInput, ...]
    seed: int | None
    threads: int | None
    machine: dict[str, str | int] | None
    changed: tuple[str, ...] | None
    estimate: Estimate | Unknown


def explain(plan: Plan, planning: Planning, id: str) -> Explanation:
    """Explain a node of a finished plan. Raises UsageError when there is none of that name."""
    node = plan.by_id.get(id)
    if node is None:
        hint = suggestion(id, plan.by_id, "stages and measurements")
        raise UsageError(error("unknown-stage", f"--explain: there is no stage {id!r}", hint=hint))
    if isinstance(node.ingredients, Unknown):
        raise TypeError(f"the key pass has not seen {id}")
    ingredients = node.ingredients
    inputs = tuple(
        ExplainedInput(
            port=port,
            node=edge.node,
            digest=plan.by_id[edge.node].digests.get(edge.port, UNKNOWN),
        )
        for port, edge in node.inputs.items()
        if port not in node.unmeasured
    )
    code, files = _content(node, planning, ingredients)
    return Explanation(
        stage=id,
        role=node.role,
        operator=node.operator,
        version=node.version,
        plugin=node.plugin,
        action=node.action if isinstance(node.action, str) else "undecided",
        reason=node.reason,
        key=node.key,
        key_format=ingredients["format"],
        params=_plain(ingredients["params"]),
        given=node.given,
        packages=ingredients["packages"],
        code=code,
        files=files,
        inputs=inputs,
        seed=ingredients.get("seed"),
        threads=ingredients.get("threads"),
        machine=ingredients.get("machine"),
        changed=_changed(node, planning, inputs),
        estimate=node.estimate,
    )


def _content(
    node: Node, planning: Planning, ingredients: Mapping[str, Any]
) -> tuple[tuple[ExplainedContent, ...], tuple[ExplainedContent, ...]]:
    digests = content(node.params, ingredients["params"])
    code, files = [], []
    for path, reference in planning.references(node):
        parameter = ".".join(map(str, path))
        if isinstance(reference, ImportString):
            found = _code_files(reference, planning)
            code.append(_explained(parameter, reference, digests[parameter], found))
        elif isinstance(reference, LocalFile):
            files.append(_explained(parameter, reference, digests[parameter], {}))
    return tuple(code), tuple(files)


def _explained(parameter: str, name: str, digest: str, files: dict[str, str]) -> ExplainedContent:
    return ExplainedContent(parameter=parameter, name=str(name), digest=digest, files=files)


def _code_files(code: ImportString, planning: Planning) -> dict[str, str]:
    if not code.is_file:
        return {}
    path = planning.file(code.module).resolve()
    return {
        file.relative_to(path.parent).as_posix(): planning.file_digest(file)
        for file in local_files(path)
    }


def _plain(value: Any) -> Any:
    """Leave out code and files, which stand on their own."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items() if not is_content(inner)}
    return value


def _changed(
    node: Node, planning: Planning, inputs: tuple[ExplainedInput, ...]
) -> tuple[str, ...] | None:
    """Compare with what went into the key last time, inputs that aren't known yet left out."""
    before = planning.memory.last_ingredients(planning.recipe.title, node.id)
    if before is None:
        return None
    if isinstance(node.ingredients, Unknown):
        raise TypeError(f"the key pass has not seen {node.id}")
    open_ports = {one.port for one in inputs if isinstance(one.digest, Unknown)}
    known = {one.port: one.digest for one in inputs if one.port not in open_ports}
    old = {port: d for port, d in before.get("inputs", {}).items() if port not in open_ports}
    now = {**node.ingredients, "inputs": known}
    said = differences(by_source({**before, "inputs": old}, node), by_source(now, node))
    return tuple(said)
