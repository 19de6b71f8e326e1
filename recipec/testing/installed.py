"""`check_plugin`: everything that can be checked of a plugin without its author's examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from recipec.api import DataSource, Evaluator, Lint, Operator
from recipec.api.hookspecs import PROJECT
from recipec.registry import Catalog, discover, name_and_version
from recipec.registry.selection import Selection, spelt
from recipec.testing.check import Checked
from recipec.testing.declared import OPERATOR_CHECKS
from recipec.testing.offers import (
    ask_apart,
    capability_faults,
    evaluator_faults,
    import_faults,
    kind_faults,
    lint_faults,
    section_faults,
    session_faults,
    source_faults,
)
from recipec.testing.records import example_record
from recipec.testing.suites import run_suites

_HINTS: Final = {
    "loads": "`recipec plugins doctor` shows the traceback",
    "framework-free": "`recipec --help` and dry runs import every plugin: docs/testing.md",
    "session": "install the framework here, or mend the import string",
    "explanation": "docs/testing.md says what a lint's page looks like",
}


def check_installed(name: str, *, suite: bool) -> list[Checked]:
    """Do what `check_plugin` says. Raises LookupError when no such plugin is installed."""
    points = [p for p in entry_points(group=PROJECT) if spelt(p.name) == spelt(name)]
    points = points or [
        p
        for p in entry_points(group=PROJECT)
        if p.dist is not None and spelt(name_and_version(p.dist)[0]) == spelt(name)
    ]
    if not points:
        raise LookupError(f"no installed plugin or distribution is called {name!r}")
    # Nothing is kept out: what is blocked can be checked all the same.
    catalog = discover(selected=Selection())
    found: list[Checked] = []
    for point in dict.fromkeys(points):
        found += _plugin(point, catalog)
        if suite and not any(one.check == "loads" and one.status == "failed" for one in found):
            found += run_suites(point)
    return found


def _plugin(point: EntryPoint, catalog: Catalog) -> Iterator[Checked]:
    name = point.name
    info = next(p for p in catalog.plugins if (p.name, p.module) == (name, point.value))
    yield from _results("loads", name, [info.failure] if info.failure else [])
    if info.failure:
        return
    apart = ask_apart(point, probes=True)
    yield from _results("framework-free", name, import_faults(apart))
    for operator in (o.operator for o in catalog.operators.values() if o.plugin.name == name):
        yield from _operator(operator)
    for kind in (k for k in catalog.kinds.values() if catalog.kinds_by.get(k.kind) == name):
        yield from _results("kind", kind.kind, kind_faults(kind, name))
        yield from _results("session", kind.kind, session_faults(kind))
    for one in catalog.capabilities.values():
        if catalog.capabilities_by.get(one.name) != name:
            continue
        yield from _results("capability", one.name, capability_faults(one))
        if apart.answer is not None and apart.raised is None:
            yield from _results("probe", one.name, probe_faults(apart.answer["probed"][one.name]))
    for offered in catalog.lints.values():
        if offered.plugin.name == name:
            yield from _lint(offered.lint)
    plugin = point.load()
    if hasattr(plugin, "recipec_report_sections"):
        yield from _results("report-sections", name, section_faults(plugin, example_record()))


def probe_faults(version: Any) -> Iterator[str]:
    """Say what is wrong with what a probe returned."""
    from packaging.version import InvalidVersion, Version

    if version is None or version == "":
        return
    try:
        Version(version)
    except (InvalidVersion, TypeError):
        yield (
            f"the probe returned {version!r}; give a version as in '12.4', '' where there is none "
            "to tell, or None when the machine doesn't have it"
        )


def _operator(operator: type[Operator[Any]]) -> Iterator[Checked]:
    for check, faults in OPERATOR_CHECKS.items():
        yield from _results(check, operator.id, faults(operator))
    if issubclass(operator, Evaluator):
        yield from _results("metric-families", operator.id, evaluator_faults(operator))
    if issubclass(operator, DataSource):
        yield from _results("loader", operator.id, source_faults(operator))


def _lint(lint: Lint) -> Iterator[Checked]:
    from recipec.testing.plans import plan_of_stages

    yield from _results("explanation", lint.code, lint_faults(lint))
    try:
        found = list(lint.check(plan_of_stages()))
        faults = [f"it has something to say of a plan without stages: {found}"] if found else []
    except Exception as problem:  # a plugin's check may raise anything
        faults = [f"of a plan without stages, it raised {type(problem).__name__}: {problem}"]
    yield from _results("lint", lint.code, faults)


def _results(check: str, subject: str, faults: Iterable[str]) -> Iterator[Checked]:
    """Give a check's result: one for each fault, or that it passed."""
    failed = [Checked(check, subject, "failed", f, _HINTS.get(check, "")) for f in faults]
    yield from failed or [Checked(check, subject, "passed")]
