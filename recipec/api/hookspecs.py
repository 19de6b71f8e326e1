"""Every hook that a plugin can implement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pluggy

if TYPE_CHECKING:
    from recipec.api.artifacts import Facts
    from recipec.api.capabilities import Capability
    from recipec.api.operator import Operator
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
    """Say what is wrong with a finished plan. The plan can't be changed here.

    from recipec.api import Finding, hookimpl

    @hookimpl
    def recipec_check_plan(plan):
        if len(plan.stages) > 100:
            yield Finding("our cluster takes recipes of 100 stages at most", severity="error")
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
