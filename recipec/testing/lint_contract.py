"""What every lint must hold to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from recipec.api import DataSamples, Facts, Finding, Lint, PlanView, StageView
from recipec.explanations import page_of
from recipec.recipe import parse_recipe

_RECIPE = """\
apiVersion: recipec/v1
name: example
model: {uses: some.model}
stages: [{id: only, uses: some.thing}]
"""
SECTIONS = ["Why it matters", "What to do", "How to silence it"]


class LintContract:
    """Checks of a lint: subclass it, and give a plan that it has something to say about.

    class TestHugeBatch(LintContract):
        lint = HUGE_BATCH

        def bad_plan(self):
            return plan_of_stages(stage("fit", "acme.fit", params={"batch": 9000}))

        def good_plan(self):
            return plan_of_stages(stage("fit", "acme.fit", params={"batch": 8192}))
    """

    lint: ClassVar[Lint]

    def bad_plan(self) -> PlanView:
        """Give a plan with what the lint warns of."""
        raise NotImplementedError  # the lint's author gives it

    def good_plan(self) -> PlanView:
        """Give a plan that is nearly the same and fine."""
        raise NotImplementedError  # the lint's author gives it

    def test_it_finds_what_is_bad_at_a_place_of_the_stage(self) -> None:
        plan = self.bad_plan()
        found = list(self.lint.check(plan))
        assert found
        for finding in found:
            assert isinstance(finding, Finding)
            if finding.stage is not None and finding.at is not None:
                at = plan.node(finding.stage).at
                assert finding.at[: len(at)] == at or finding.at[0] in ("gates", "measure")

    def test_it_has_nothing_to_say_about_what_is_good(self) -> None:
        assert list(self.lint.check(self.good_plan())) == []

    def test_a_plan_without_stages_is_fine(self) -> None:
        assert list(self.lint.check(plan_of_stages())) == []

    def test_its_page_says_why_it_matters_and_what_to_do(self) -> None:
        page = page_of(self.lint)
        lines = page.text.splitlines()
        assert lines[0] == f"# {self.lint.code}"
        assert page.summary == self.lint.summary
        assert max(map(len, lines)) <= 80
        assert re.findall(r"\n## (.+)\n", page.text) == SECTIONS

    def test_its_page_shows_a_silence_that_a_recipe_can_have(self) -> None:
        (example,) = re.findall(r"```yaml plain\n(.*?)```", page_of(self.lint).text, re.DOTALL)
        text = _RECIPE + re.sub(r"stage: \S+", "stage: only", example)
        (silence,) = parse_recipe(text.encode(), "page.md", Path()).spec.silence
        assert silence.lint == self.lint.code


def stage(id: str, operator: str, **others: Any) -> StageView:
    """Make a stage for a plan; `others` are fields of `StageView`."""
    defaults: dict[str, Any] = {
        "id": id,
        "role": "data" if id.startswith("data.") else "stage",
        "operator": operator,
        "version": 1,
        "plugin": operator.partition(".")[0],
        "at": ("stages", id),
        "params": {},
    }
    return StageView(**{**defaults, **others})


def plan_of_stages(*stages: StageView, data: Iterable[StageView] = (), **others: Any) -> PlanView:
    """Make a plan; `others` are fields of `PlanView`."""
    defaults: dict[str, Any] = {"name": "plan", "seed": 0, "threads": 1}
    return PlanView(**{**defaults, **others}, stages=stages, data=tuple(data))


def samples(name: str, operator: str = "some.data", **facts: Any) -> StageView:
    """Make an entry of `data:`."""
    made: Facts = DataSamples(**facts)
    return stage(f"data.{name}", operator, at=("data", name), outputs={"samples": made})
