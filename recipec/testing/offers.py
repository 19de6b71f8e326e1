"""What is wrong with the other things that a plugin offers: kinds, capabilities, lints, sections.

As in `declared.py`, each function gives sentences that say what is wrong and what to do.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from recipec.api import (
    Capability,
    DataSource,
    Evaluator,
    Facts,
    ImportString,
    Lint,
    Model,
    Operator,
    ReportSection,
    Requirement,
)
from recipec.api.code import load_object
from recipec.api.hookspecs import PROJECT
from recipec.explanations import page_of
from recipec.testing.processes import Ended, offer_apart

SECTIONS: Final = ["Why it matters", "What to do", "How to silence it"]
"""The headings of a lint's page."""
OFFERING: Final = (
    "recipec_operators",
    "recipec_artifact_kinds",
    "recipec_capabilities",
    "recipec_lints",
    "recipec_recipe_parts",
)
"""The hooks by which a plugin offers things without being told anything."""


def kind_faults(kind: type[Facts], plugin: str) -> Iterator[str]:
    """Say what is wrong with an artifact kind as it is declared."""
    if not re.fullmatch(rf"{re.escape(plugin)}\.[a-z][a-z0-9_-]*", kind.kind):
        yield (
            f"the kind {kind.kind!r} is not the plugin's name, a dot, and a name in small letters, "
            f"as in '{plugin}.model'"
        )
    if kind.suffix and not re.fullmatch(r"(\.[A-Za-z0-9]+)+", kind.suffix):
        yield f"the suffix {kind.suffix!r} is not like '.onnx', nor '' for a folder"
    try:
        unknown = kind()
    except ValueError as problem:
        yield (
            f"{kind.__name__}() can't be made, and a plan of which nothing is known needs it: give "
            f"every fact `… | Unknown = UNKNOWN` ({problem})"
        )
        return
    yield from json_faults(unknown)
    if kind.unstable is not None:
        try:
            re.compile(kind.unstable)
        except re.error as problem:
            yield f"`unstable` is no regular expression of bytes: {problem}"


def json_faults(facts: Facts) -> Iterator[str]:
    """Say whether facts are others after they were written as JSON and read again."""
    try:
        read = type(facts).from_json(json.loads(json.dumps(facts.to_json(), allow_nan=False)))
    except ValueError as problem:  # Pydantic's ValidationError is one, as are NaN's
        yield f"facts can't be read back from JSON: {problem}"
        return
    if read != facts:
        yield (
            f"facts read back from JSON as {read!r}, and are {facts!r}; take field types that "
            "survive it (tuples, no `Any`; `Unknown | str` with union_mode='left_to_right')"
        )


def session_faults(kind: type[Facts]) -> Iterator[str]:
    """Say whether a model kind's session can't be loaded; this imports its framework."""
    if not issubclass(kind, Model) or kind.session is None:
        return
    try:
        session = load_object(ImportString(kind.session))
    except Exception as problem:  # importing somebody's module may raise anything
        yield f"the session {kind.session!r} can't be imported: {type(problem).__name__}: {problem}"
        return
    if not callable(session):
        yield f"the session {kind.session!r} can't be called with an artifact and threads"


def capability_faults(capability: Capability) -> Iterator[str]:
    """Say what is wrong with a capability as it is declared."""
    name = capability.name
    if Requirement(name).capability != name or ":" in name or name != name.lower() or not name:
        yield (
            f"the name {name!r} can't stand in a requirement; take small letters and hyphens, "
            "without version bounds or a colon"
        )
    if len(capability.summary.splitlines()) != 1:
        yield "the summary must be one line: what the machine has when the probe finds it"


def lint_faults(lint: Lint) -> Iterator[str]:
    """Say what is wrong with a lint's summary and page."""
    if len(lint.summary.splitlines()) != 1:
        yield "the summary must be one line"
    try:
        page = page_of(lint)
    except (OSError, ModuleNotFoundError) as problem:
        yield (
            f"its page {lint.page!r} isn't there ({problem}): write it, as package:path/in/it.md, "
            "and see that the wheel has it"
        )
        return
    if page.text.splitlines()[:1] != [f"# {lint.code}"]:
        yield f"its page must begin with `# {lint.code}`"
    if page.summary != lint.summary:
        yield f"the first line below the page's heading must be the lint's summary: {lint.summary}"
    headings = re.findall(r"\n## (.+)\n", page.text)
    if headings != SECTIONS:
        yield f"the page's sections are {headings}; they must be {SECTIONS}"
    if long := [line for line in page.text.splitlines() if len(line) > 80]:
        yield f"lines of the page are wider than a terminal's 80 columns: {long[0][:40]}…"


def evaluator_faults(operator: type[Operator[Any]]) -> Iterator[str]:
    """Say what is wrong with the metric families of an evaluator."""
    if not issubclass(operator, Evaluator):
        return
    if not operator.families:
        yield "it has no metric families, so no recipe can ask for it; name them in `families`"
    for family in operator.families:
        if not family.names:
            yield f"the family {family.name!r} names no metrics"
        if len(family.summary.splitlines()) != 1:
            yield f"the summary of the family {family.name!r} must be one line"
    if not (isinstance(operator.subjects, type) and issubclass(operator.subjects, Facts)):
        yield f"`subjects` is {operator.subjects!r}; give the kind that it measures"


def source_faults(operator: type[Operator[Any]]) -> Iterator[str]:
    """Say what is wrong with the loader of a data source."""
    if not issubclass(operator, DataSource):
        return
    loader = getattr(operator, "loader", None)
    if not isinstance(loader, str) or not re.fullmatch(r"[\w.]+:[\w.]+", loader):
        yield f"`loader` is {loader!r}; give an import string, as 'package._module:function'"
    elif not loader.partition(":")[0].rpartition(".")[2].startswith("_"):
        yield f"the loader {loader!r} is heavy (it needs NumPy): its module must be named `_….py`"


def section_faults(plugin: Any, record: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with the report sections that a plugin makes of a run record (as JSON)."""
    from recipec.report._sections import rendered

    given = copy.deepcopy(dict(record))
    try:
        found = list(plugin.recipec_report_sections(record=record) or ())
    except Exception as problem:  # a plugin's hook may raise anything
        yield (
            f"recipec_report_sections raised {type(problem).__name__}: {problem}; a record may "
            "lack what your stages would have left: give no section then"
        )
        return
    if record != given:
        yield "recipec_report_sections changed the record; work on a copy"
    for section in found:
        if not isinstance(section, ReportSection):
            yield f"{section!r} is not a ReportSection"
            return
        if len(section.title.splitlines()) != 1:
            yield f"the title {section.title!r} must be one line"
        if links := re.findall(r"(?:src|href)=[\"']?(https?://[^\"' >]+)", section.template):
            yield (
                f"the template loads {links[0]}: a report is one file that can be read anywhere; "
                "embed what it needs"
            )
    for shown in rendered([("plugin", section) for section in found]):
        if shown.problem is not None:
            yield f"the section {str(shown.title)!r} can't be shown: {shown.problem}"


def offering(hook: str, wanted: Any) -> EntryPoint | None:
    """Give the installed plugin that offers something by a hook, None where nobody does."""
    for point in entry_points(group=PROJECT):
        plugin = point.load()
        if hasattr(plugin, hook) and wanted in list(getattr(plugin, hook)() or ()):
            return point
    return None


def ask_apart(point: EntryPoint, hooks: Iterable[str] = OFFERING, probes: bool = False) -> Ended:
    """Import a plugin where no framework can be, and ask it for what it offers; with `probes`, call
    those of its capabilities too."""
    return offer_apart(point.module, point.attr, list(hooks), probes=probes)


def import_faults(ended: Ended) -> Iterator[str]:
    """Say what is wrong with how a plugin is imported (`ask_apart`)."""
    if ended.raised is not None:
        yield (
            f"it can't be imported and asked for what it offers without frameworks: "
            f"{ended.raised}. Import them in modules named `_….py` alone, from inside run()"
            f"\n{ended.stderr[-1500:]}".rstrip()
        )
        return
    did = [" ".join(filter(None, deed)) for deed in ended.did]
    if did:
        yield f"importing it and its hooks do this: {'; '.join(did[:5])}; leave that to run()"
    if ended.stdout:
        yield f"importing it prints {ended.stdout[:200]!r}; standard output is the command line's"
