"""`prune.channels`: channels leave through all layers that share them."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    ChannelGroup,
    Facts,
    LayerTable,
    Operator,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    Share,
    StagePlan,
    StageResult,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.selectors import Selectors
from recipec_prune.counts import Counts, decide, producers

REMOVED = "channels removed"
INSTALL = 'pip install "recipec[torch]"'


class ChannelsParams(Params):
    """Parameters of `prune.channels`."""

    amount: Share = Field(
        gt=0,
        lt=1,
        description="Share of each group's channels that leaves, `50%` or 0.5. More may leave, "
        "since what stays is rounded down to a multiple of `round_to`.",
    )
    round_to: int = Field(
        8,
        ge=1,
        description="The channels of a group that stay are a multiple of this, and at least one; "
        "a group that has no more than this stays whole.",
    )
    importance: Literal["l1", "l2"] = Field(
        "l2",
        description="Which channels leave: those whose weights have the least L1 or L2 magnitude, "
        "averaged over all layers of the group (Torch-Pruning's group magnitude importance).",
    )
    include: Selectors = Field(
        (),
        description="Selectors of the layers whose output channels may leave (glob, `re:…`, "
        "`type:…`). Empty, all may.",
    )
    exclude: Selectors = Field(
        (), description="Selectors of layers whose output channels stay (glob, `re:…`, `type:…`)."
    )


class Channels(Operator[ChannelsParams]):
    """Remove the least important channels of every group; the model gets smaller and faster."""

    id = "prune.channels"
    version = 1
    summary = "Channels leave through all layers that share them: shapes really shrink"
    params = ChannelsParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module to prune")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the smaller module")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"prunes"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Fix the number of channels in each group, and with it every shape."""
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        table = model.layers
        if isinstance(table, Unknown) or isinstance(table.groups, Unknown):
            made = model.model_copy(update={"layers": TorchModule().layers})
            return StagePlan(
                {"model": made},
                ("which channels can leave is known after the run",),
                changed={REMOVED: UNKNOWN},
            )
        counts = self.decide(table)
        made = model.model_copy(update={"layers": table.resized(counts.staying)})
        return StagePlan(
            {"model": made},
            self._effects(table, counts),
            counts.matched,
            changed=self.changed(counts),
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Choose the channels by their magnitude, remove them, and save what is left."""
        from recipec_prune._channels import prune

        return prune(self, inputs["model"], context)

    def decide(self, table: LayerTable) -> Counts:
        """Decide how many channels of each group stay. Raises OperatorError on a selector."""
        with_ = self.with_
        return decide(table, with_.amount, with_.round_to, with_.include, with_.exclude)

    def changed(self, counts: Counts) -> Mapping[str, int]:
        """Count the channels that leave."""
        return {REMOVED: counts.before - counts.after}

    def _effects(self, table: LayerTable, counts: Counts) -> tuple[str, ...]:
        gone = counts.before - counts.after
        share = f" ({gone / counts.before:.0%})" if counts.before else ""
        groups = len(counts.staying)
        leave = (
            f"{gone} of {counts.before} channels leave{share}, "
            f"in {groups} {'group' if groups == 1 else 'groups'}"
        )
        kept = _kept(table, counts, self.with_.round_to)
        return (leave if gone else "no channel leaves", *kept)


def _kept(table: LayerTable, counts: Counts, round_to: int) -> Iterable[str]:
    """Say which groups stay whole, and why."""
    made_by = producers(table)

    def name(groups: Iterable[ChannelGroup]) -> str:
        names = [made_by.get(group.id, ["?"])[0] for group in groups]
        return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")

    by_reason: dict[str, list[ChannelGroup]] = {}
    for group in counts.protected:
        by_reason.setdefault(str(group.protected), []).append(group)
    for reason, groups in by_reason.items():
        if all(group.id in made_by for group in groups):
            yield f"protected: {name(groups)} ({reason})"
        else:
            yield f"protected: {reason}"
    if counts.small:
        yield f"kept whole, having at most {round_to} channels: {name(counts.small)}"
    if counts.unselected:
        yield f"not selected: {name(counts.unselected)}"
