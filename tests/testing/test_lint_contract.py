"""Every check of `LintContract` catches what it is there for."""

import sys

import pytest

from recipec.api import Finding, Lint
from recipec.testing import LintContract, plan_of_stages, stage

PAGE = """\
# acme.huge

a stage that is too large

It is.

## Why it matters

It does.

## What to do

Make it smaller.

## How to silence it

```yaml plain
silence:
  - lint: acme.huge
    stage: fit
    reason: there is room
```
"""


@pytest.fixture
def contract(tmp_path, monkeypatch):
    """Make a contract of a lint whose page and check are given."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(page=PAGE, check=None, code="acme.huge", summary="a stage that is too large"):
        folder = tmp_path / "recipec_acme_pages"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        (folder / "huge.md").write_text(page)

        def huge(plan):
            for one in plan.stages:
                if one.params["size"] > 3:
                    yield Finding("huge", stage=one.id, at=one.parameter("size"))

        class Contract(LintContract):
            lint = Lint(code, summary, "recipec_acme_pages:huge.md", check or huge)

            def bad_plan(self):
                return plan_of_stages(stage("fit", "acme.fit", params={"size": 4}))

            def good_plan(self):
                return plan_of_stages(stage("fit", "acme.fit", params={"size": 3}))

        return Contract()

    yield make
    sys.modules.pop("recipec_acme_pages", None)


def failing(contract):
    """Name the checks that a lint doesn't hold to."""
    found = set()
    for name in dir(contract):
        if name.startswith("test_"):
            try:
                getattr(contract, name)()
            except AssertionError:
                found.add(name.removeprefix("test_"))
    return found


def elsewhere(plan):
    yield Finding("huge", stage=plan.stages[0].id, at=("stages", "other"))


FINDS = "it_finds_what_is_bad_at_a_place_of_the_stage"
GOOD = "it_has_nothing_to_say_about_what_is_good"
EMPTY = "a_plan_without_stages_is_fine"
WHY = "its_page_says_why_it_matters_and_what_to_do"
SILENCE = "its_page_shows_a_silence_that_a_recipe_can_have"


def test_a_lint_that_is_as_it_should_be_passes(contract):
    assert failing(contract()) == set()


@pytest.mark.parametrize(
    ("change", "caught"),
    [
        ({"check": lambda plan: ()}, {FINDS}),
        ({"check": lambda plan: plan.stages}, {FINDS, GOOD}),
        ({"check": lambda plan: [Finding("always")]}, {GOOD, EMPTY}),
        ({"summary": "something else"}, {WHY}),
        ({"page": PAGE.replace("# acme.huge", "# acme.small")}, {WHY}),
        ({"page": PAGE.replace("## What to do", "What to do")}, {WHY}),
        ({"page": PAGE.replace("It does.", "It does. " * 10)}, {WHY}),
        ({"page": PAGE.replace("lint: acme.huge", "lint: acme.small")}, {SILENCE}),
    ],
)
def test_what_isnt_is_caught(contract, change, caught):
    assert failing(contract(**change)) == caught


def test_a_place_of_another_stage_is_caught(contract):
    checked = contract(check=lambda plan: elsewhere(plan) if plan.stages else ())
    assert FINDS in failing(checked)


def test_a_page_that_isnt_there_is_an_error(contract):
    checked = contract()
    checked.lint = checked.lint._replace(page="recipec_acme_pages:gone.md")
    with pytest.raises(AssertionError, match=r"gone\.md' isn't there"):
        checked.test_its_page_says_why_it_matters_and_what_to_do()
