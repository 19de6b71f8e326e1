"""Every hook that a plugin can implement.

Each says when it is called, what becomes of its answer, and how it is implemented: files of a
plugin `acme`, whose distribution has the entry point `acme = "recipec_acme"`. docs/hooks.md is made
of these texts, and a test carries out every example.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import pluggy

if TYPE_CHECKING:
    from recipec.api.artifacts import Facts
    from recipec.api.capabilities import Capability
    from recipec.api.hook_types import HookImpl
    from recipec.api.lints import Lint
    from recipec.api.operator import Operator
    from recipec.api.recipe_parts import RecipePart
    from recipec.api.views import Finding, PlanView, ReportSection, StageOutcome, StageView

PROJECT: Final = "recipec"
"""The pluggy project name, and the entry-point group."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = cast("HookImpl", pluggy.HookimplMarker(PROJECT))


@hookspec
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    """Offer operators: techniques, sources of models and data, measurements.

    Called once, when the plugin is loaded. Each id is the plugin's name, a dot, and a name. The
    module of an operator imports no framework; what its `run()` needs stands in a module `_….py`.

        # recipec_acme/__init__.py
        from recipec.api import hookimpl

        @hookimpl
        def recipec_operators():
            from recipec_acme.copy import Copy

            return [Copy]

        # recipec_acme/copy.py
        from recipec.api import Model, Operator, Port, StagePlan, StageResult

        class Copy(Operator):
            id = "acme.copy"
            version = 1
            summary = "Copy a model"
            inputs = {"model": Port(Model, "any model that is a file")}
            outputs = {"model": Port(Model, "the same model")}

            def plan(self, inputs, context):
                return StagePlan({"model": inputs["model"]}, effects=("a copy is made",))

            def run(self, inputs, context):
                from recipec_acme._copying import copy

                copy(inputs["model"].path, context.path_for("model"))
                return StageResult({"model": inputs["model"].facts})

        # recipec_acme/_copying.py
        import shutil

        def copy(source, target):
            shutil.copyfile(source, target)
    """
    return ()


@hookspec
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    """Offer kinds of artifacts beside the built-in ones.

    Called once, when the plugin is loaded. A kind's name is the plugin's name, a dot, and a name;
    its fields are the facts that plans, records and reports show. A kind of model says what runs it
    (`session`), so that whatever measures models needs to know nothing of it.

        # recipec_acme/__init__.py
        from recipec.api import UNKNOWN, Model, Unknown, hookimpl

        class TFLiteModel(Model):
            kind = "acme.tflite"
            suffix = ".tflite"
            delegates: tuple[str, ...] | Unknown = UNKNOWN

        @hookimpl
        def recipec_artifact_kinds():
            return [TFLiteModel]
    """
    return ()


@hookspec
def recipec_capabilities() -> Iterable[Capability]:
    """Offer probes for things that a machine may have.

    Called once, when the plugin is loaded; a probe when a recipe first needs the thing. It imports
    no framework, and gives a version ("" where there is none to tell), or None without the thing.
    One that raises, or takes longer than 10 seconds, has found nothing, and the plan warns of it.

        # recipec_acme/__init__.py
        import shutil

        from recipec.api import Capability, hookimpl

        def probe():
            return "" if shutil.which("acmec") else None

        @hookimpl
        def recipec_capabilities():
            return [Capability("acmec", probe, "the Acme compiler")]
    """
    return ()


@hookspec
def recipec_check_plan(plan: PlanView) -> Iterable[Finding]:
    """Refuse a finished plan: each finding is an error. What should only warn is a lint.

    Called for every plan, before anything runs. A check that raises has checked nothing, and the
    plan warns of it.

        # recipec_acme/__init__.py
        from recipec.api import Finding, hookimpl

        @hookimpl
        def recipec_check_plan(plan):
            if len(plan.stages) > 100:
                yield Finding("our cluster takes recipes of 100 stages at most")
    """
    return ()


@hookspec
def recipec_lints() -> Iterable[Lint]:
    """Offer lints: warnings about plans, which a recipe can silence with a reason.

    Called once, when the plugin is loaded; a lint's check for every plan. Each code is the plugin's
    name, a dot, and a name in kebab case, and has a page that `recipec explain` shows.

        # recipec_acme/__init__.py
        from recipec.api import hookimpl

        @hookimpl
        def recipec_lints():
            from recipec_acme.lints import MANY_THREADS

            return [MANY_THREADS]

        # recipec_acme/lints.py
        from recipec.api import Finding, Lint

        def check(plan):
            if plan.threads > 64:
                yield Finding(
                    f"the recipe asks for {plan.threads} threads",
                    hint="take 64 at most",
                    at=("threads",),
                )

        MANY_THREADS = Lint(
            code="acme.many-threads",
            summary="more threads than make our machines faster",
            page="recipec_acme:explanations/many-threads.md",
            check=check,
        )

        <!-- recipec_acme/explanations/many-threads.md -->
        # acme.many-threads

        more threads than make our machines faster

        ## Why it matters

        Beyond 64 threads our machines share caches, and get slower by a third.

        ## What to do

        Take 64.

        ## How to silence it

        Where the recipe is for another machine:

        ```yaml plain
        silence:
          - {lint: acme.many-threads, reason: it is run on the large machine}
        ```
    """
    return ()


@hookspec
def recipec_recipe_parts() -> Iterable[RecipePart]:
    """Offer parts of new recipes: what `recipec init` asks about and writes.

    Called by `recipec init`, which orders parts by their step and joins those that fit. This one
    uses the operator of `recipec_operators` above.

        # recipec_acme/__init__.py
        from recipec.api import hookimpl
        from recipec.api.recipe_parts import StagePart

        @hookimpl
        def recipec_recipe_parts():
            return [
                StagePart(
                    uses="acme.copy",
                    id="copied",
                    step="shrink",
                    comment="A copy, to have one.",
                )
            ]
    """
    return ()


@hookspec
def recipec_report_sections(record: Mapping[str, Any]) -> Iterable[ReportSection]:
    """Offer sections for the report, from the run record (`schemas/run.v1.schema.json`).

    Called whenever a report is rendered. A section is a Jinja template, which is rendered in a
    sandbox, with its values escaped. Elements of text, tables and SVG are allowed, scripts, styles
    and links aren't. A section that can't be rendered becomes a note with the reason.

        # recipec_acme/__init__.py
        from recipec.api import ReportSection, hookimpl

        CHART = '''
        <svg viewBox="0 0 100 {{ 12 * rows|length }}" role="img">
          <title>Seconds by stage</title>
          {% for name, share in rows %}
          <rect x="0" y="{{ 12 * loop.index0 }}" width="{{ 100 * share }}" height="10"/>
          <text x="2" y="{{ 12 * loop.index0 + 8 }}" font-size="6">{{ name }}</text>
          {% endfor %}
        </svg>
        '''

        @hookimpl
        def recipec_report_sections(record):
            taken = {stage["id"]: stage["seconds"] for stage in record["stages"]}
            longest = max(taken.values()) or 1.0
            rows = [(name, seconds / longest) for name, seconds in taken.items()]
            return [ReportSection("Time", CHART, {"rows": rows})]
    """
    return ()


@hookspec
def recipec_report_templates() -> Iterable[str]:
    """Offer folders of templates that stand before the report's own, as `PACKAGE:FOLDER`.

    Called whenever a report is rendered. A template takes the place of the built-in one of its
    name, or extends it by the name `recipec/…`; templates of the reader (`--templates`) come before
    those of plugins. docs/report.md lists what a template may use. A report is made with the
    built-in templates where the others fail, and a warning says why.

        # recipec_acme/__init__.py
        from recipec.api import hookimpl

        @hookimpl
        def recipec_report_templates():
            return ["recipec_acme:templates"]

        <!-- recipec_acme/templates/report.html.j2 -->
        {% extends "recipec/report.html.j2" %}
        {% block header %}
        <p class="detail">Acme Inc., internal</p>
        {{ super() }}
        {% endblock %}
    """
    return ()


@hookspec
def recipec_stage_started(stage: StageView) -> None:
    """A stage is about to run. Called for no stage whose result is reused.

    Who watches keeps no run waiting: one that raises, or takes longer than 10 seconds, is told of
    in the record, and isn't called again while it is busy. Calls of one plugin come from one thread
    of their own.

        # recipec_acme/__init__.py
        import logging

        from recipec.api import hookimpl

        log = logging.getLogger("recipec_acme")

        @hookimpl
        def recipec_stage_started(stage):
            log.info("%s (%s) begins", stage.id, stage.operator)
    """


@hookspec
def recipec_stage_finished(stage: StageView, outcome: StageOutcome) -> None:
    """A stage ran, was reused or failed; `outcome.status` says which.

    The same holds as for `recipec_stage_started`.

        # recipec_acme/__init__.py
        import logging

        from recipec.api import hookimpl

        log = logging.getLogger("recipec_acme")

        @hookimpl
        def recipec_stage_finished(stage, outcome):
            log.info("%s: %s in %.1f s", stage.id, outcome.status, outcome.seconds)
    """


@hookspec
def recipec_run_finished(record: Mapping[str, Any]) -> None:
    """The run is over and its record is on disk. Called for no run that failed.

    The same holds as for `recipec_stage_started`, but that the record is written by then: what goes
    wrong is told on standard error.

        # recipec_acme/__init__.py
        import logging

        from recipec.api import hookimpl

        log = logging.getLogger("recipec_acme")

        @hookimpl
        def recipec_run_finished(record):
            log.info("%s: %s", record["name"], record["status"])
    """
