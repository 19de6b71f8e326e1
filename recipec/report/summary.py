"""How the run ended, and what must be known before anything else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from recipec.report import formats
from recipec.report.context import Badge, Finding, Gate, Output, Pair, Problem, Status, Text, Tone
from recipec.report.links import relative_link
from recipec.report.measured import Table
from recipec.report.text import MESSAGE, clip, name
from recipec.run.record import RunRecord

_VERDICTS: Final = {
    "pass": Badge("pass", "good"),
    "fail": Badge("fail", "bad"),
    "inconclusive": Badge("inconclusive", "warn"),
}
_SEVERITIES: Final[dict[str, Tone]] = {"error": "bad", "warning": "warn", "note": "quiet"}
_STATUSES: Final[dict[str, Tone]] = {"done": "good", "failed": "bad", "gate failed": "bad"}


def status(record: RunRecord) -> Status:
    """Say in one sentence how the run ended."""
    said = []
    if record.status == "failed":
        failed = [stage.id for stage in record.stages if stage.status == "failed"]
        where = f"Stage {name(failed[0])} failed." if failed else "The run failed."
        said.append(where)
        if waiting := [s.id for s in record.stages if s.status == "not run"]:
            said.append(f"Not run after it: {clip(', '.join(waiting))}.")
    elif record.status == "gate failed":
        said.append("All stages are done, but the result doesn't meet what the recipe demands.")
    elif not record.outputs:
        said.append("All stages are done.")
    else:
        said.append(f"{formats.some(len(record.outputs), 'promised artifact')} made.")
    if record.gates:
        said.append(_gate_counts(record))
    return Status(Badge(record.status, _STATUSES[record.status]), " ".join(said))


def _gate_counts(record: RunRecord) -> str:
    counts = []
    for verdict, words in (
        ("pass", "passed"),
        ("fail", "failed"),
        ("inconclusive", "inconclusive"),
    ):
        if number := sum(gate.verdict == verdict for gate in record.gates):
            counts.append(f"{number} {words}")
    return f"Gates: {', '.join(counts)}."


def problems(record: RunRecord, table: Table, findings: tuple[Finding, ...]) -> Iterator[Problem]:
    """Give failed stages, errors and failed gates first, then what is blocked or inconclusive."""
    errors = [finding for finding in findings if finding.badge.word == "error"]
    for stage in record.stages:
        if stage.status == "failed":
            message = clip(stage.error or stage.reason, MESSAGE)
            same = [finding for finding in errors if finding.message == message]
            errors = [finding for finding in errors if finding not in same]
            yield Problem(
                Badge("failed", "bad"),
                clip(f"stage {stage.id} ({stage.operator})"),
                message,
                next((finding.hint for finding in same), None),
                table.anchor(stage.id),
            )
    for finding in errors:
        yield Problem(finding.badge, finding.code, finding.message, finding.hint, finding.anchor)
    judged = gates(record)
    yield from (_gate_problem(gate) for gate in judged if gate.verdict.word == "fail")
    for stage in record.stages:
        if stage.status == "blocked":
            what, anchor = clip(f"stage {stage.id} ({stage.operator})"), table.anchor(stage.id)
            yield Problem(Badge("blocked", "warn"), what, clip(stage.reason), None, anchor)
    yield from (_gate_problem(gate) for gate in judged if gate.verdict.word == "inconclusive")


def _gate_problem(gate: Gate) -> Problem:
    what = clip(f"gate on {gate.stage}: {gate.metric} {gate.required}")
    return Problem(gate.verdict, what, gate.message, None, gate.anchor)


def overview(record: RunRecord) -> Iterator[Pair]:
    """Say when the run was, how long it took, and how its stages ended."""
    counts = []
    for word in ("ran", "reused", "failed", "blocked", "not run"):
        if number := sum(stage.status == word for stage in record.stages):
            counts.append(f"{number} {word}")
    if isinstance(description := record.resolved.get("description"), str) and description:
        yield Pair(Text("What for"), clip(description))
    yield Pair(Text("Stages"), Text(", ".join(counts) or "none"))
    yield Pair(Text("Started"), clip(formats.moment(record.started)))
    yield Pair(Text("Took"), Text(formats.duration(record.seconds)))
    yield Pair(Text("recipec"), clip(record.recipec))


def gates(record: RunRecord) -> tuple[Gate, ...]:
    """Show the gates in the order of the recipe."""
    return tuple(
        Gate(
            f"gate-{position}",
            name(gate.stage),
            name(gate.metric),
            clip(gate.required),
            None if gate.against is None else name(gate.against),
            _VERDICTS[gate.verdict],
            clip(gate.message),
        )
        for position, gate in enumerate(record.gates, 1)
    )


def outputs(record: RunRecord, table: Table) -> tuple[Output, ...]:
    """Show the promised artifacts that were made."""
    return tuple(
        Output(
            name(output.stage),
            table.anchor(output.stage),
            name(output.kind),
            clip(output.path),
            relative_link(output.path),
            f"{formats.size(output.bytes)} ({formats.exact(output.bytes)} bytes)"
            if output.bytes >= 1000
            else formats.size(output.bytes),
            clip(output.digest).short,
        )
        for output in record.outputs
    )


def findings(record: RunRecord) -> tuple[Finding, ...]:
    """Show the diagnostics (`Diagnostic.to_json`), and then those that the recipe silences."""
    all_of_them = (*record.diagnostics, *record.silenced)
    return tuple(_finding(d, position) for position, d in enumerate(all_of_them, 1))


def _finding(diagnostic: dict[str, Any], position: int) -> Finding:
    silenced = "reason" in diagnostic
    severity = "silenced" if silenced else clip(diagnostic.get("severity", "note"), 20).short
    place = [
        str(diagnostic[k]) for k in ("file", "line", "column") if diagnostic.get(k) is not None
    ]

    def text(key: str) -> Text | None:
        value = diagnostic.get(key)
        return None if value is None else clip(value)

    return Finding(
        f"diagnostic-{position}",
        Badge(severity, _SEVERITIES.get(severity, "quiet")),
        name(diagnostic.get("code", "")),
        clip(":".join(place)) if place else None,
        clip(diagnostic.get("message", ""), MESSAGE),
        None if silenced else text("hint"),
        text("origin"),
        text("reason"),
    )
