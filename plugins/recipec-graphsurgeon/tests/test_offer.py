"""The plugin offers what its README says."""

from pathlib import Path

import recipec_graphsurgeon


def test_every_operator_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    offered = [operator.id for operator in recipec_graphsurgeon.recipec_operators()]
    assert offered
    assert [name for name in offered if f"`{name}`" not in readme] == []
