"""Key stability: what an operator makes of an example changes only together with its `version`.

recipec reuses a stage's result for as long as its key is the same, and the operator's version is a
part of the key. An operator that makes something else under the same version gives its users the
old results. So the contract keeps a small golden file for each example beside its tests.
"""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import pytest

from recipec.api import Facts, Model, Operator, StagePlan
from recipec.registry import installed_version
from recipec.testing.contexts import BarePlanContext
from recipec.testing.example import Example
from recipec.testing.golden import UPDATE

MISSING_FAILS: Final = "CI"
"""The environment variable under which a golden file that isn't there fails, as CI services set it;
elsewhere it is written."""

SHIPPED: Final = "RECIPEC_SHIPPED_SUITE"
"""The environment variable under which `recipec plugins check` runs a suite where it is installed:
nothing is written there."""


class Made(NamedTuple):
    """What a version of an operator made of an example.

    `key` is the digest of the operator's id, all its parameters and the facts of its inputs;
    `planned` that of the planned outputs; `made` those of what was really made, by port, for an
    operator whose bytes are the same on every machine. `packages` are the versions of the libraries
    that the facts may depend on.
    """

    version: int
    key: str
    planned: str
    made: Mapping[str, str]
    packages: Mapping[str, str]


class VersionChecks(Example):
    """The part of `OperatorContract` that holds an operator to its version."""

    versions: ClassVar[Path | None] = None
    """The folder of the golden files; left out, `versions` beside the file of the test class."""

    def test_its_version_is_raised_when_it_plans_something_else(
        self, tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        planned = self.plan_in(tmp_path, BarePlanContext(tmp_path))
        now = made_by(self.make(), self.facts(), planned)
        compare(self.golden(request.path), now, self.operator.id)

    @classmethod
    def golden(cls, test: Path) -> Path:
        """Give the path of the golden file, for a test in this file."""
        folder = cls.versions or test.parent / "versions"
        return folder / f"{cls.operator.id}-{test.stem}-{cls.__name__}.json"


def made_by(
    operator: Operator[Any],
    inputs: Mapping[str, Facts],
    planned: StagePlan,
    made: Mapping[str, str] | None = None,
) -> Made:
    """Sum up what an operator plans and makes of an example."""
    given = {port: _facts(facts) for port, facts in inputs.items()}
    outputs = {port: _facts(facts) for port, facts in planned.outputs.items()}
    counts = {name: count for name, count in planned.changed.items() if isinstance(count, int)}
    return Made(
        version=operator.version,
        key=_digest([operator.id, operator.with_.model_dump(mode="json"), given]),
        planned=_digest([outputs, counts]),
        made=dict(made or {}),
        packages=_packages(type(operator), inputs),
    )


def compare(path: Path, now: Made, name: str) -> None:
    """Hold what an operator makes now to its golden file, or write that (see `golden.UPDATE`).

    Raises AssertionError when it makes something else under the same version; that isn't written
    over either. Skips the test where another version of a library may be the reason.
    """
    update = os.environ.get(UPDATE) == "1"
    if not path.is_file():
        if os.environ.get(SHIPPED):
            pytest.skip(f"the package doesn't ship {path.name}, which says what its version makes")
        if not update and os.environ.get(MISSING_FAILS):
            pytest.fail(
                f"no golden file {path.name} says what version {now.version} of {name} makes; run "
                f"the tests with {UPDATE}=1 and commit what they write"
            )
        _write(path, now)
        warnings.warn(f"wrote {path.name}; commit it with the tests", stacklevel=2)
        return
    then = _read(path)
    if not now.made:  # what was really made is another check's question
        now = now._replace(made=then.made)
    elif not then.made and (then.version, then.key, then.planned) == now[:3]:
        _write(path, now)
        return
    if then._replace(packages={}) == now._replace(packages={}):
        return
    other = _other_packages(then, now) if then.version == now.version else ""
    if other and not update:
        pytest.skip(f"{path.name} was made with {other}")
    if now.version < then.version:
        pytest.fail(
            f"{name} has version {now.version}, and {path.name} is of version {then.version}; a "
            "version is only ever raised, as results of the higher one may be stored somewhere"
        )
    if then[:2] == now[:2] and not other:
        pytest.fail(_unraised(then, now, name, path))
    if update:
        _write(path, now)
        return
    why = "its version was raised" if now.version > then.version else "the example is another one"
    pytest.fail(
        f"{path.name} is not up to date: {why} (its parameters or the facts of its inputs). If "
        f"that is meant, run the tests with {UPDATE}=1 and commit the file. A new parameter or "
        "default changes every user's keys: what they have stored is made again"
    )


def _unraised(then: Made, now: Made, name: str, path: Path) -> str:
    ports = sorted({p for p in {*then.made, *now.made} if then.made.get(p) != now.made.get(p)})
    what = "plans other facts" if then.planned != now.planned else f"makes other bytes ({ports})"
    return (
        f"{name} {what} of the same parameters and inputs than before, under the same version "
        f"{now.version}: people would go on reusing stored results of the old kind. Write `version "
        f"= {now.version + 1}` and run the tests with {UPDATE}=1. Only if the bytes it makes are "
        f"surely the same (the plan merely knows more): delete {path.name} and run the tests again"
    )


def _packages(operator: type[Operator[Any]], inputs: Mapping[str, Facts]) -> dict[str, str]:
    """Give the versions here of what the operator, and what runs its models, is made with."""
    requirements = list(operator.requires)
    for facts in inputs.values():
        requirements += facts.session_requires if isinstance(facts, Model) else ()
    names = {requirement.package for requirement in requirements} - {None}
    found = {name: installed_version(name) for name in names if name is not None}
    return {name: version for name, version in sorted(found.items()) if version is not None}


def _other_packages(then: Made, now: Made) -> str:
    """Name the libraries that are here in other versions than the file was made with."""
    return ", ".join(
        f"{name} {version} (here {now.packages[name]})"
        for name, version in then.packages.items()
        if now.packages.get(name, version) != version
    )


def _facts(facts: Facts) -> list[Any]:
    # Without defaults: a fact that recipec adds to a kind is no change of the operator's.
    return [facts.kind, facts.model_dump(mode="json", exclude_defaults=True)]


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> Made:
    return Made(**json.loads(path.read_text(encoding="utf-8")))


def _write(path: Path, made: Made) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(made._asdict(), indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="")
