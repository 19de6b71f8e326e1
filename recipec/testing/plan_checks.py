"""Checks of `plan()`: pure, repeatable, framework-free, and no more certain than it can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from recipec.api import Facts, Layer, Model, Operator, OperatorError, StagePlan, Unknown
from recipec.api.selectors import SelectorsMark
from recipec.testing.ambient import ambient_state, changed, seed_everything
from recipec.testing.contexts import AlonePlanContext, BarePlanContext
from recipec.testing.example import Example, no_check
from recipec.testing.offers import json_faults
from recipec.testing.processes import Ended, plan_apart
from recipec.testing.written import plan_as_json

SELECTOR_CHECKS = (
    "test_a_selector_that_matches_nothing_is_an_error_at_its_place",
    "test_a_plan_says_what_selectors_matched",
)


class PlanChecks(Example):
    """The part of `OperatorContract` that plans."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        operator = getattr(cls, "operator", None)
        if operator is not None and not selectors_of(operator):
            no_check(cls, *SELECTOR_CHECKS)

    def test_a_plan_fills_every_output_with_its_kind(self, tmp_path: Path) -> None:
        assert_declared(self.operator, self.plan_in(tmp_path))

    def test_a_plan_is_repeatable(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        operator = self.make()
        first = operator.plan(self.facts(), AlonePlanContext(tmp_path))
        again = operator.plan(self.facts(), AlonePlanContext(tmp_path))
        anew = self.make().plan(self.facts(), AlonePlanContext(tmp_path))
        for other, what in ((again, "asked twice"), (anew, "asked a second operator")):
            assert plan_as_json(first) == plan_as_json(other), (
                f"the plan is another one when {what}: it must follow from the parameters and the "
                "facts alone; take out the clock, random numbers, and what is kept between calls"
            )

    def test_a_plan_leaves_its_inputs_alone(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        facts = dict(self.facts())
        before = {port: known.model_dump_json() for port, known in facts.items()}
        self.make().plan(facts, AlonePlanContext(tmp_path))
        after = {port: known.model_dump_json() for port, known in facts.items()}
        assert after == before, (
            "plan() changed the facts that it was given; other stages plan with them too: make new "
            "ones with `facts.model_copy(update={…})`"
        )

    def test_a_plan_leaves_the_process_alone(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        context, operator, facts = AlonePlanContext(tmp_path), self.make(), self.facts()
        operator.plan(facts, context)  # now `inspect` remembers all answers, and isn't to blame
        seed_everything(271828)  # where a plan seeds, it has just left its own seed
        before = ambient_state()
        operator.plan(facts, context)
        found = changed(before, ambient_state())
        assert not found, f"plan() changed {', '.join(found)}; it must leave the process as it was"

    def test_a_plan_keeps_nothing_in_the_operator(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        operator = self.make()
        before = dict(vars(operator))
        operator.plan(self.facts(), AlonePlanContext(tmp_path))
        assert dict(vars(operator)) == before, (
            f"plan() kept something in the operator: {set(vars(operator)) - set(before)}; recipec "
            "may run another instance, in another process: hand it over in facts or parameters"
        )

    def _apart(self, folder: Path) -> tuple[StagePlan, Ended]:
        """Plan here, and again where no framework can be imported."""
        here = AlonePlanContext(folder)
        planned = self.plan_in(folder, here)
        return planned, plan_apart(
            self.operator, self.good_params(), self.facts(), folder, here.answers
        )

    def test_a_plan_needs_no_framework(self, tmp_path: Path) -> None:
        planned, apart = self._apart(tmp_path)
        assert apart.raised is None, (
            f"{self.operator.id} can't be imported and planned in a process without frameworks: "
            f"{apart.raised}. Move what needs one into a module named `_….py` that run() imports, "
            f"or ask for it through context.inspect().\n{apart.stderr}"
        )
        assert apart.answer is not None  # as it raised nothing
        assert apart.answer["plan"] == plan_as_json(planned), (
            "planned in another process, the plan is another one: it must not go by what this "
            "process has loaded or set"
        )

    def test_a_plan_does_nothing_but_plan(self, tmp_path: Path) -> None:
        _, apart = self._apart(tmp_path)
        did = [" ".join(filter(None, deed)) for deed in apart.did]
        assert did == [], (
            "plan() must be pure (a dry run changes nothing), but it did this: "
            f"{'; '.join(did)}. Do it in run(), or take context.inspect() for what must be looked "
            "up once"
        )
        assert not apart.stdout, (
            f"plan() prints {apart.stdout[:200]!r}: standard output belongs to the command line; "
            "say it in StagePlan.effects or .warnings"
        )

    def test_a_plan_can_be_made_for_a_machine_that_has_nothing(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        try:
            planned = self.make().plan(self.facts(), BarePlanContext(tmp_path))
        except OperatorError as problem:
            raise AssertionError(
                f"on a machine that lacks everything, plan() raised {problem.message!r}: people "
                "plan on one machine for another; state what is needed in `requires`, and the plan "
                "is shown as blocked"
            ) from problem
        assert_declared(self.operator, planned)

    def test_a_plan_copes_with_unknown_facts(self, tmp_path: Path) -> None:
        self.prepare(tmp_path)
        unknown = {port: type(facts)() for port, facts in self.facts().items()}
        try:
            planned = self.make().plan(unknown, AlonePlanContext(tmp_path))
        except OperatorError:
            return  # it says what it would have to know
        except Exception as problem:  # whatever it raises, it isn't what a user should see
            raise AssertionError(
                f"given facts that are UNKNOWN, plan() raised {type(problem).__name__}: {problem}. "
                "Plan UNKNOWN where an input isn't known yet, or raise OperatorError"
            ) from problem
        assert_declared(self.operator, planned)

    def test_planned_facts_survive_json(self, tmp_path: Path) -> None:
        assert_survive_json(self.plan_in(tmp_path).outputs)

    def test_a_selector_that_matches_nothing_is_an_error_at_its_place(self, tmp_path: Path) -> None:
        for name in selectors_of(self.operator):
            try:
                self._plan_with(tmp_path, {name: ["no.such.layer"]})
            except OperatorError as problem:
                places = [each.at for each in (problem, *problem.more)]
                assert (name, 0) in places, (
                    f"the error about a selector that matches nothing is at {places}; it belongs "
                    f"at {(name, 0)}: `select(…, at=({name!r},))` puts it there"
                )
            else:
                raise AssertionError(
                    f"{name!r} takes a selector that matches no layer, so a misspelt name goes "
                    "unseen; recipec.api.selectors.select() raises what recipes show"
                )

    def test_a_plan_says_what_selectors_matched(self, tmp_path: Path) -> None:
        first, *_ = self._layers()
        for name in selectors_of(self.operator):
            matched = self._plan_with(tmp_path, {name: [first.name]}).matched
            assert matched.get(name) == (first.name,), (
                f"{name!r} matched {first.name}, but StagePlan.matched says {dict(matched)}; give "
                "there the names of the layers that each selector parameter chose"
            )

    def _layers(self) -> tuple[Layer, ...]:
        models = [facts for facts in self.facts().values() if isinstance(facts, Model)]
        tables = [m.layers for m in models if not isinstance(m.layers, Unknown)]
        if not tables:
            pytest.fail(
                "example_facts() gives no layer table, and an operator that selects layers needs "
                "one to be checked: give facts with `layers=LayerTable(…)`"
            )
        return tables[0].layers

    def _plan_with(self, folder: Path, more: Mapping[str, Any]) -> StagePlan:
        self.prepare(folder)
        params = self.operator.params.model_validate({**self.good_params(), **more})
        return self.operator(params).plan(self.facts(), AlonePlanContext(folder))


def selectors_of(operator: type[Operator[Any]]) -> list[str]:
    """Name the parameters of the type `Selectors`."""
    fields = operator.params.model_fields.items()
    return [n for n, f in fields if any(isinstance(m, SelectorsMark) for m in f.metadata)]


def assert_declared(operator: type[Operator[Any]], planned: StagePlan) -> None:
    """Assert that a plan's outputs are those that the operator declares, of the declared kinds."""
    wanted = {name for name, port in operator.outputs.items() if not port.optional}
    missing = wanted - set(planned.outputs)
    assert not missing, (
        f"plan() says nothing of the outputs {sorted(missing)}; give facts for each, UNKNOWN ones "
        "where nothing is known, or make the port optional"
    )
    for name, facts in planned.outputs.items():
        assert name in operator.outputs, (
            f"plan() gives {name!r}, which is no output of {operator.id}; declare it in `outputs`"
        )
        kind = operator.outputs[name].kind
        assert isinstance(facts, kind), (
            f"plan() gives a {type(facts).__name__} for the output {name!r}, which is declared as "
            f"{kind.__name__}; one of the two is wrong"
        )


def assert_survive_json(outputs: Mapping[str, Facts]) -> None:
    """Assert that facts are the same after they were written as JSON and read again."""
    for name, facts in outputs.items():
        assert list(json_faults(facts)) == [], f"the store keeps facts as JSON ({name!r})"
