"""What every lint must hold to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from recipec.api import Finding, Lint, PlanView
from recipec.explanations import page_of
from recipec.recipe import parse_recipe
from recipec.testing.offers import lint_faults
from recipec.testing.plans import plan_of_stages

_RECIPE = """\
apiVersion: recipec/v1
name: example
model: {uses: some.model}
stages: [{id: only, uses: some.thing}]
"""


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
        assert found, (
            f"{self.lint.code} has nothing to say of bad_plan(); either the check misses what it "
            "is for, or the example isn't bad"
        )
        for finding in found:
            assert isinstance(finding, Finding), f"the check gives {finding!r}, which is no Finding"
            if finding.stage is not None and finding.at is not None:
                at = plan.node(finding.stage).at
                assert finding.at[: len(at)] == at or finding.at[0] in ("gates", "measure"), (
                    f"the finding is about {finding.stage}, at {at}, but its place is {finding.at};"
                    " `stage.parameter('name')` gives the place of a parameter"
                )

    def test_it_has_nothing_to_say_about_what_is_good(self) -> None:
        found = list(self.lint.check(self.good_plan()))
        assert found == [], f"{self.lint.code} cries wolf: of good_plan(), it says {found}"

    def test_a_plan_without_stages_is_fine(self) -> None:
        found = list(self.lint.check(plan_of_stages()))
        assert found == [], f"{self.lint.code} has something to say of an empty plan: {found}"

    def test_its_page_says_why_it_matters_and_what_to_do(self) -> None:
        assert list(lint_faults(self.lint)) == []

    def test_its_page_shows_a_silence_that_a_recipe_can_have(self) -> None:
        (example,) = re.findall(r"```yaml plain\n(.*?)```", page_of(self.lint).text, re.DOTALL)
        text = _RECIPE + re.sub(r"stage: \S+", "stage: only", example)
        (silence,) = parse_recipe(text.encode(), "page.md", Path()).spec.silence
        assert silence.lint == self.lint.code
