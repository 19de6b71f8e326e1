"""The plugin offers what its README says."""

from pathlib import Path

import recipec_measure


def test_every_operator_and_family_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    offered = [o.id for o in recipec_measure.recipec_operators()]
    offered += [f.name for o in recipec_measure.recipec_operators() for f in o.families]
    assert len(offered) == 5 + 11
    assert [name for name in offered if f"`{name}`" not in readme] == []


def test_names_of_families_are_unique():
    names = [f.name for o in recipec_measure.recipec_operators() for f in o.families]
    assert len(names) == len(set(names))
