"""The plugin offers what its README says."""

from pathlib import Path

import recipec_data


def test_every_operator_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    assert [o.id for o in recipec_data.recipec_operators() if f"`{o.id}`" not in readme] == []
