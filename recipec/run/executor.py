"""The executor: takes the plan that dry-run prints, and makes what it says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from recipec.api import (
    Artifact,
    DataSamples,
    Evaluator,
    Facts,
    Metric,
    Operator,
    RunContext,
    StageOutcome,
    StageResult,
    Unknown,
)
from recipec.api.digests import digest_path
from recipec.api.metrics import contradictions
from recipec.diagnostics import Diagnostic, Severity, StageError
from recipec.plan import Node, Plan, Planning
from recipec.plan.costs.job import Job, Jobs
from recipec.plan.costs.past import PastRun
from recipec.plan.infer import mistake_of
from recipec.plan.key import complete_key, input_digests
from recipec.plan.unchanged import unchanged
from recipec.plan.view import stage_view
from recipec.registry.blame import blaming
from recipec.run.calling import Inputs, Made, call_apart, call_here
from recipec.run.context import Context
from recipec.run.failures import Failures
from recipec.run.grounds import guard
from recipec.run.isolated.job import Place
from recipec.run.memory import peak_memory, watch_peak
from recipec.run.store import Entry, Store, StoredOutput
from recipec.walls import Walled, walled


class Observer(Protocol):
    """Who watches a run: a progress display, or nobody."""

    def started(self, node: Node) -> None: ...
    def progress(self, node: Node, done: float, total: float, what: str) -> None: ...
    def finished(self, node: Node, result: NodeResult) -> None: ...
    def warned(self, message: str) -> None: ...


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What became of a node."""

    node: Node
    status: Literal["ran", "reused", "blocked"]
    reason: str
    artifacts: Mapping[str, Artifact[Facts]] = field(default_factory=dict)
    key: str | None = None
    seconds: float = 0.0
    peak_memory: int | None = None
    metrics: tuple[Metric, ...] = ()
    notes: tuple[str, ...] = ()
    changed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Execution:
    """All results by node, and what plugins' observers did wrong."""

    results: Mapping[str, NodeResult]
    warnings: tuple[Diagnostic, ...]


def execute(
    plan: Plan, planning: Planning, store: Store, observer: Observer, out: Path | None = None
) -> Execution:
    """Run every node that isn't stored. Raises StageError at the first that fails.

    What was made before the failure stays in the store. No stage may write to `out`.
    """
    references = store.stage()
    run = _Run(plan, planning, store, observer, references, out)
    try:
        with blaming(planning.catalog, StageError):
            for node in plan.nodes:
                run.results[node.id] = run.node(node)
    finally:
        store.discard(references)
    return Execution(run.results, tuple(run.warnings))


@dataclass
class _Run:
    plan: Plan
    planning: Planning
    store: Store
    observer: Observer
    references: Path
    out: Path | None = None
    results: dict[str, NodeResult] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.plan, self.planning.machine, set(self.planning.imported))

    def node(self, node: Node) -> NodeResult:
        if node.action == "blocked":
            return NodeResult(node, "blocked", node.reason)
        inputs = self._inputs(node)
        if node.role == "data":
            return self._reference(node)
        key = self._key(node)
        if node.id not in self.planning.force and (entry := self.store.entry(key)) is not None:
            reason = node.reason if node.action == "reuse" else "its inputs are as before"
            self._check_changed(node, entry.changed)
            result = self._stored(node, key, entry, "reused", reason)
            self.observer.finished(node, result)
        else:
            self.observer.started(node)
            self._tell("recipec_stage_started", stage=stage_view(node))
            began = time.perf_counter()
            try:
                result = self._make(node, key, inputs)
            except StageError:
                failed = StageOutcome("failed", time.perf_counter() - began)
                self._tell("recipec_stage_finished", stage=stage_view(node), outcome=failed)
                raise
            self.observer.finished(node, result)
        outcome = StageOutcome(
            "reused" if result.status == "reused" else "ran", result.seconds, result.metrics
        )
        self._tell("recipec_stage_finished", stage=stage_view(node), outcome=outcome)
        return result

    def _inputs(self, node: Node) -> dict[str, Artifact[Any]]:
        return {
            port: self.results[edge.node].artifacts[edge.port]
            for port, edge in node.inputs.items()
            if port not in node.unmeasured
        }

    def _key(self, node: Node) -> str:
        digests = {
            id: {port: artifact.digest for port, artifact in result.artifacts.items()}
            for id, result in self.results.items()
        }
        known = input_digests(node, digests)
        if known is None or isinstance(node.ingredients, Unknown):
            raise TypeError(f"{node.id} has inputs that nobody made")
        return complete_key(node.ingredients, known)

    def _reference(self, node: Node) -> NodeResult:
        """Write a data reference; it is cheap, holds this machine's paths, and isn't stored."""
        if isinstance(node.key, Unknown):
            raise TypeError(f"the key pass has not seen {node.id}")
        operator = self.planning.operator(node)
        folder = self.references / node.id
        folder.mkdir(parents=True, exist_ok=True)
        place = self._place(node, folder, folder)
        self._tell_of(node, self._here(node, operator, {}, place).told)
        artifacts = {}
        for port, facts in node.outputs.items():
            artifact = Artifact(facts, place.outputs[port], node.digests.get(port, ""))
            if not artifact.digest:
                artifact = artifact._replace(digest=self._content(node, artifact))
            artifacts[port] = artifact
        return NodeResult(node, "ran", node.reason, artifacts, node.key)

    def _content(self, node: Node, artifact: Artifact[Any]) -> str:
        """Read all samples of data that nothing else identifies."""
        from recipec.api.data import digest_samples, open_samples

        failures = Failures(node, self.planning)
        with walled(failures.package) as within:
            try:
                digest = digest_samples(open_samples(artifact))
            except (Exception, SystemExit) as problem:  # a user's dataset may raise anything
                message = f"{node.id} can't be read: {type(problem).__name__}: {problem}"
                raise StageError(
                    self.planning.recipe.error("data-failed", message, node.at)
                ) from problem
        self._tell_of(node, [f"reading the samples of {failures.who} {w}" for w in within.told])
        return digest

    def _make(self, node: Node, key: str, inputs: dict[str, Artifact[Any]]) -> NodeResult:
        operator = self.planning.operator(node)
        staged = self.store.stage()
        place = self._place(node, staged, self.store.work(key))
        job = self.jobs.of(node)
        resumed = place.work.is_dir()
        watched = watch_peak()
        began = time.perf_counter()
        try:
            if node.isolation is None:
                made = self._here(node, operator, inputs, place)
            else:
                made = self._apart(node, inputs, place, self.store.log(key))
            result = made.result
            self._tell_of(node, made.told)
            entry = Entry(
                operator=node.operator,
                version=node.version,
                outputs=self._outputs(node, operator, result, place),
                metrics=result.metrics,
                notes=result.notes,
                changed=dict(result.changed),
                seconds=time.perf_counter() - began,
                peak_memory=made.peak_memory or (peak_memory() if watched else None),
            )
            self._check_changed(node, result.changed)
            self._check_inputs(node, inputs)
            taken = entry.seconds, entry.peak_memory
            entry = self.store.commit(key, staged, entry, replace=node.id in self.planning.force)
        finally:
            self.store.discard(staged)
        inputs_by_port = {port: artifact.digest for port, artifact in inputs.items()}
        if not isinstance(node.ingredients, Unknown):
            ingredients = {**node.ingredients, "inputs": inputs_by_port}
            self.store.remember_ingredients(self.plan.name, node.id, ingredients)
        stored = self._stored(node, key, entry, "ran", node.reason)
        if not resumed:  # the rest of a training tells nothing about a whole one
            self._learn(node, job, *taken, sum(a.size for a in stored.artifacts.values()))
        return stored

    def _learn(
        self, node: Node, job: Job, seconds: float, peak_memory: int | None, disk: int
    ) -> None:
        """Add a run to the history. Estimates may fail to learn; the result is no worse for it."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        run = PastRun.of(job, at=at, seconds=seconds, peak_memory=peak_memory, disk=disk)
        try:
            self.store.remember_run(self.planning.machine.fingerprint, node.operator, run)
        except OSError as problem:
            message = f"what {node.id} took can't be kept for later estimates: {problem}"
            self._warn(Diagnostic(Severity.WARNING, "history", message))

    def _check_inputs(self, node: Node, inputs: Mapping[str, Artifact[Any]]) -> None:
        """Refuse to store what was made from something else than the key says."""
        for path in self.planning.changed():
            message = f"{path.name} changed while {node.id} ran; its result is not kept"
            raise StageError(self.planning.recipe.error("changed-file", message, node.at))
        for port, artifact in inputs.items():
            reference = isinstance(artifact.facts, DataSamples)
            if (
                not reference
                and digest_path(artifact.path, artifact.facts.unstable) != artifact.digest
            ):
                message = f"the input {port!r} of {node.id} changed in the store while it ran"
                raise StageError(self.planning.recipe.error("changed-input", message, node.at))

    def _check_changed(self, node: Node, changed: Mapping[str, int]) -> None:
        """Refuse a stage that changed nothing, unless the recipe allows it."""
        if problem := unchanged(node, changed, self.planning):
            raise StageError(problem)

    def _place(self, node: Node, folder: Path, work: Path) -> Place:
        operator, planning = self.planning.catalog.operator(node.operator), self.planning
        return Place(
            {port: folder / f"{port}{one.kind.suffix}" for port, one in operator.outputs.items()},
            work,
            planning.recipe.folder,
            guard(planning.recipe.folder, self.store.root, self.out, (folder, work)),
        )

    def _here(self, node: Node, operator: Operator[Any], inputs: Inputs, place: Place) -> Made:
        def context(within: Walled) -> RunContext:
            return Context(self.plan, self.planning, place, within, self._progress(node))

        return call_here(operator, inputs, context, place.guard, Failures(node, self.planning))

    def _apart(self, node: Node, inputs: Inputs, place: Place, log: Path) -> Made:
        failures = Failures(node, self.planning, log)
        asked = {"seed": self.plan.seed, "threads": self.plan.threads}
        return call_apart(inputs, place, self._progress(node), failures, **asked)

    def _progress(self, node: Node) -> Callable[[float, float, str], None]:
        return lambda done, total, what: self.observer.progress(node, done, total, what)

    def _outputs(
        self, node: Node, operator: Operator[Any], result: StageResult, place: Place
    ) -> dict[str, StoredOutput]:
        """Check what was made against the plan. Raises StageError on a contradiction."""
        problems: list[str] = []
        outputs: dict[str, StoredOutput] = {}
        for port, planned in node.outputs.items():
            made, path = result.outputs.get(port), place.outputs[port]
            if made is None or not path.exists():
                problems.append(f"it made no {port!r}")
                continue
            problems += planned.contradictions(made)
            outputs[port] = StoredOutput(
                file=path.name,
                digest=digest_path(path, made.unstable),
                facts=made.to_json(),
                unstable=made.unstable.decode() if made.unstable else None,
            )
        problems += _miscounted(node.changed, result.changed)
        if isinstance(operator, Evaluator):
            problems += contradictions(operator.families, result.metrics)
        if problems:
            shown = "; ".join(problems[:5]) + (
                f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
            )
            message = f"{node.id}: {node.operator} made something other than planned: {shown}"
            hint = mistake_of(node, self.planning)
            raise StageError(self.planning.recipe.error("contradiction", message, node.at, hint))
        return outputs

    def _stored(
        self, node: Node, key: str, entry: Entry, status: Literal["ran", "reused"], reason: str
    ) -> NodeResult:
        return NodeResult(
            node,
            status,
            reason,
            self.store.artifacts(key, entry, self.planning.catalog),
            key,
            entry.seconds,
            entry.peak_memory,
            entry.metrics,
            entry.notes,
            entry.changed,
        )

    def _tell(self, hook: str, **arguments: Any) -> None:
        """Call an observing hook; what a plugin does wrong there becomes a warning."""
        for answer in self.planning.catalog.ask(hook, **arguments):
            if answer.failure:
                self._warn(Diagnostic(Severity.WARNING, "observer", answer.failure))
            for told in answer.told:
                self._warn(Diagnostic(Severity.WARNING, "process-state", told))

    def _tell_of(self, node: Node, told: Iterable[str]) -> None:
        """Warn of what code did to the process: it was put back, and is a mistake all the same."""
        place = self.planning.recipe.place(node.at).value
        for what in told:
            self._warn(Diagnostic(Severity.WARNING, "process-state", what, place))

    def _warn(self, diagnostic: Diagnostic) -> None:
        """Keep a warning for the record, once, and show it."""
        if diagnostic not in self.warnings:
            self.warnings.append(diagnostic)
            self.observer.warned(diagnostic.message)


def _miscounted(planned: Mapping[str, int | Unknown], made: Mapping[str, int]) -> Iterator[str]:
    """Say which counted changes are not those that were planned."""
    if planned.keys() != made.keys():
        yield f"changes: planned {sorted(planned)}, made {sorted(made)}"
        return
    for what, count in planned.items():
        if not isinstance(count, Unknown) and count != made[what]:
            yield f"{what}: planned {count}, made {made[what]}"


def limit_threads(threads: int) -> None:
    """Tell thread pools that start later how many threads they may use.

    On shared cores a pool of its own size makes torch ten to thirty times slower.
    """
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(threads)
