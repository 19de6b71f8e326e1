"""The estimates of a plan: what is reused is free, what ran teaches, and totals are sums."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipec.api import UNKNOWN, Estimate, Expected
from recipec.api.estimates import BASES
from recipec.plan.costs.totals import total
from recipec.plan.model import Node
from toys.bench import TOY_RECIPE


def estimates(compilation):
    return {node.id: node.estimate for node in compilation.plan.nodes}


def test_every_node_has_an_estimate(bench):
    assert all(isinstance(e, Estimate) for e in estimates(bench.compile()).values())


def test_planning_twice_gives_the_same(bench):
    assert bench.compile().plan == bench.compile().plan
    bench.run()
    changed = TOY_RECIPE + "seed: 3\n"
    assert bench.compile(changed).plan == bench.compile(changed).plan


def test_what_is_reused_or_blocked_takes_nothing(bench):
    bench.run()
    fast = "  - {id: fast, uses: toys.accelerate, needs: small}\noutputs:"
    compilation = bench.compile(TOY_RECIPE.replace("outputs:", fast))
    for node in compilation.plan.nodes:
        if node.action in ("reuse", "blocked"):
            exact = Expected(low=0, likely=0, high=0, basis="exact")
            assert node.estimate == Estimate(seconds=exact, peak_memory=exact, disk=exact)


def test_a_stage_that_goes_through_samples_and_says_no_work_is_unknown_until_it_ran(bench):
    assert estimates(bench.compile())["big"].seconds is UNKNOWN
    bench.run()
    assert (
        estimates(bench.compile(TOY_RECIPE.replace("factor: 2", "factor: 3")))["big"].seconds.runs
        == 1
    )


def test_another_recipe_is_predicted_from_what_ran_here(bench):
    bench.run()
    other = TOY_RECIPE.replace("name: toy", "name: other").replace("amount: 0.5", "amount: 0.25")
    small = estimates(bench.compile(other))["small"]
    assert (small.seconds.basis, small.seconds.runs) == ("model", 1)
    assert small.peak_memory.runs == small.disk.runs == 1


def test_a_forced_stage_is_predicted_by_its_own_repeats(bench):
    bench.run()
    bench.run(force=["small"])
    small = estimates(bench.compile(force=["small"]))["small"]
    assert (small.seconds.basis, small.seconds.runs) == ("measured", 2)


def test_what_was_predicted_holds_what_is_taken(bench):
    bench.run()
    changed = TOY_RECIPE + "seed: 3\n"
    record = bench.run(changed)
    for stage in record.stages:
        assert stage.estimate.seconds.high >= stage.seconds / 20
        assert stage.estimate.disk.holds(sum(stage.sizes.values()))


def test_a_store_of_another_machine_teaches_nothing(bench, monkeypatch):
    bench.run()
    monkeypatch.setattr("recipec.plan.machine.cpu_name", lambda: "another processor")
    assert estimates(bench.compile(TOY_RECIPE + "seed: 3\n"))["small"].seconds.runs == 0


AMOUNTS = st.floats(0, 1e6)
EXPECTED = st.builds(
    lambda values, basis: Expected(
        low=min(values), likely=sorted(values)[1], high=max(values), basis=basis
    ),
    st.tuples(AMOUNTS, AMOUNTS, AMOUNTS),
    st.sampled_from(BASES),
)
ESTIMATES = st.lists(
    st.builds(
        Estimate,
        seconds=EXPECTED | st.just(UNKNOWN),
        peak_memory=EXPECTED | st.just(UNKNOWN),
        disk=EXPECTED | st.just(UNKNOWN),
    ),
    max_size=12,
)


def nodes(found):
    return [Node.model_construct(id=f"n{i}", estimate=e) for i, e in enumerate(found)]


@given(ESTIMATES)
def test_totals_are_sums_of_time_and_disk_and_the_largest_memory(found):
    whole = total(nodes(found))
    for name in ("seconds", "disk"):
        known = [v for e in found if (v := getattr(e, name)) is not UNKNOWN]
        summed = getattr(whole.estimate, name)
        if found and not known:
            assert summed is UNKNOWN
            continue
        for bound in ("low", "likely", "high"):
            assert getattr(summed, bound) == pytest.approx(
                sum(getattr(v, bound) for v in known), rel=1e-5
            )
        assert summed.low <= summed.likely <= summed.high
    peaks = [e.peak_memory for e in found if e.peak_memory is not UNKNOWN]
    if peaks:
        assert whole.estimate.peak_memory.high == max(peak.high for peak in peaks)
        assert whole.estimate.peak_memory.low == max(peak.low for peak in peaks)


@given(ESTIMATES)
def test_what_is_unknown_is_named(found):
    whole = total(nodes(found))
    assert whole.without_seconds == tuple(
        f"n{i}" for i, e in enumerate(found) if e.seconds is UNKNOWN
    )


@given(ESTIMATES)
def test_a_total_is_no_firmer_than_what_makes_most_of_it(found):
    seconds = [e.seconds for e in found if e.seconds is not UNKNOWN]
    whole = total(nodes(found)).estimate.seconds
    if seconds and math.isfinite(whole.likely):
        largest = max(seconds, key=lambda one: one.likely)
        assert BASES.index(whole.basis) >= BASES.index(largest.basis)
