"""A bounded part of what `python tests/fuzz/run.py` does; docs/evidence/fuzz.md has the whole."""

from fuzz.run import Tally, batches

INPUTS = 1000


def test_every_input_is_planned_or_refused_with_a_place(tmp_path):
    tally = Tally(tmp_path)
    for told in batches(INPUTS, seed=1, jobs=1):
        tally.add(told)
    # how long one takes is measured by run.py: a busy machine must not fail a test
    crashes = {what for what in tally.crashes if not what.startswith("TooSlow")}
    assert crashes == set(), tally.text()
    assert tally.inputs == INPUTS
    assert tally.outcomes["planned"] > 0
    assert tally.outcomes["refused"] > 0
