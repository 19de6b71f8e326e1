"""What a stage's own process is told, and what it answers: JSON, a line for each message."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recipec.api import Artifact
from recipec.plan import Node
from recipec.registry import Catalog
from recipec.walls.writes import Ground, Guard


class Place(NamedTuple):
    """Where a stage reads and writes: its outputs by port, checkpoints, the recipe's folder."""

    outputs: Mapping[str, Path]
    work: Path
    recipe: Path
    guard: Guard


def job(
    node: Node,
    inputs: Mapping[str, Artifact[Any]],
    place: Place,
    catalog: Catalog,
    *,
    seed: int,
    threads: int,
    memory: int | None,
) -> dict[str, Any]:
    """Write down a stage. `memory` is its limit in bytes."""
    operator = catalog.operator(node.operator)
    kinds = {type(artifact.facts).kind for artifact in inputs.values()}
    kinds |= {port.kind.kind for port in operator.outputs.values() if "kind" in vars(port.kind)}
    offering = {catalog.kinds_by[kind] for kind in kinds if kind in catalog.kinds_by}
    offering.add(node.plugin)
    return {
        "plugins": [
            [plugin.name, plugin.module] for plugin in catalog.plugins if plugin.name in offering
        ],
        "operator": node.operator,
        "params": node.params,
        "inputs": {
            port: {
                "kind": _location(type(artifact.facts)),
                "facts": artifact.facts.to_json(),
                "path": str(artifact.path),
                "digest": artifact.digest,
            }
            for port, artifact in inputs.items()
        },
        "outputs": {port: str(path) for port, path in place.outputs.items()},
        "work": str(place.work),
        "recipe": str(place.recipe),
        "grounds": [[str(g.folder), g.writable, g.lenient] for g in place.guard.grounds],
        "code": list(place.guard.code),
        "seed": seed,
        "threads": threads,
        "memory": memory,
    }


def guard_of(given: Mapping[str, Any]) -> Guard:
    """Make the guard that a job describes."""
    grounds = (
        Ground(Path(folder), writable, lenient) for folder, writable, lenient in given["grounds"]
    )
    return Guard(grounds, [Path(folder) for folder in given["code"]])


def _location(kind: type[Any]) -> tuple[str, str, str]:
    return kind.__module__, inspect.getfile(kind), kind.__qualname__
