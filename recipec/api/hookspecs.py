"""Every hook that a plugin can implement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from recipec.api.artifacts import Facts
    from recipec.api.capabilities import Capability
    from recipec.api.lints import Lint
    from recipec.api.operator import Operator
    from recipec.api.recipe_parts import RecipePart
    from recipec.api.views import Finding, PlanView, ReportSection, StageOutcome, StageView

PROJECT: Final = "recipec"
"""The pluggy project name, and the entry-point group."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    """Offer operators. Each id is the plugin's entry-point name, a dot, and a name.

    A plugin whose entry point is `acme = "recipec_acme"` offers `acme.*`:

        # recipec_acme/__init__.py
        from recipec.api import hookimpl

        @hookimpl
        def recipec_operators():
            from recipec_acme.shrink import Shrink
            return [Shrink]
    """
    return ()


@hookspec
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    """Offer artifact kinds beside the built-in ones.

    from typing import ClassVar
    from recipec.api import Model, hookimpl

    class TFLiteModel(Model):
        kind = "acme.tflite"
        suffix = ".tflite"

    @hookimpl
    def recipec_artifact_kinds():
        return [TFLiteModel]
    """
    return ()


@hookspec
def recipec_capabilities() -> Iterable[Capability]:
    """Offer probes for things a machine may have. A probe imports no framework.

    import shutil
    from recipec.api import Capability, hookimpl

    @hookimpl
    def recipec_capabilities():
        probe = lambda: "" if shutil.which("acmec") else None
        return [Capability("acmec", probe, "the Acme compiler")]
    """
    return ()


@hookspec
def recipec_check_plan(plan: PlanView) -> Iterable[Finding]:
    """Refuse a finished plan: each finding is an error. What should only warn is a lint.

    from recipec.api import Finding, hookimpl

    @hookimpl
    def recipec_check_plan(plan):
        if len(plan.stages) > 100:
            yield Finding("our cluster takes recipes of 100 stages at most")
    """
    return ()


@hookspec
def recipec_lints() -> Iterable[Lint]:
    """Offer lints. Each code is the plugin's entry-point name, a dot, and a name in kebab case.

    # recipec_acme/__init__.py
    from recipec.api import hookimpl

    @hookimpl
    def recipec_lints():
        from recipec_acme.lints import HUGE_BATCH
        return [HUGE_BATCH]

    # recipec_acme/lints.py; the page is recipec_acme/explanations/huge-batch.md
    from recipec.api import Finding, Lint

    def _huge_batches(plan):
        for stage in plan.stages:
            if stage.operator == "acme.fit" and stage.params["batch"] > 8192:
                yield Finding(
                    f"{stage.id} trains with batches of {stage.params['batch']}",
                    stage=stage.id,
                    hint="take 8192 at most",
                    at=stage.parameter("batch"),
                )

    HUGE_BATCH = Lint(
        code="acme.huge-batch",
        summary="a batch so large that training gets worse",
        page="recipec_acme:explanations/huge-batch.md",
        check=_huge_batches,
    )
    """
    return ()


@hookspec
def recipec_recipe_parts() -> Iterable[RecipePart]:
    """Offer parts of new recipes: what `recipec init` asks about and writes.

    from recipec.api import hookimpl
    from recipec.api.recipe_parts import StagePart

    @hookimpl
    def recipec_recipe_parts():
        return [
            StagePart(
                uses="acme.shrink",
                id="shrink",
                step="shrink",
                comment="Raise `amount` for a smaller model; accuracy falls with it.",
                params={"amount": "50%"},
                more={"exclude": ["fc"]},
            )
        ]
    """
    return ()


@hookspec
def recipec_report_sections(record: Mapping[str, Any]) -> Iterable[ReportSection]:
    """Offer sections for the report, from the run record (`schemas/run.v1.schema.json`).

    from recipec.api import ReportSection, hookimpl

    @hookimpl
    def recipec_report_sections(record):
        return [ReportSection("Cost", "<p>{{ seconds }} s</p>", {"seconds": record["seconds"]})]
    """
    return ()


@hookspec
def recipec_stage_started(stage: StageView) -> None:
    """A stage is about to run. Called for no stage whose result is reused.

    @hookimpl
    def recipec_stage_started(stage):
        print(stage.id, stage.operator, file=log)
    """


@hookspec
def recipec_stage_finished(stage: StageView, outcome: StageOutcome) -> None:
    """A stage ran, was reused or failed; `outcome.status` says which.

    @hookimpl
    def recipec_stage_finished(stage, outcome):
        print(stage.id, outcome.status, outcome.seconds, file=log)
    """


@hookspec
def recipec_run_finished(record: Mapping[str, Any]) -> None:
    """The run is over and its record is on disk.

    @hookimpl
    def recipec_run_finished(record):
        print(record["name"], record["status"], file=log)
    """
