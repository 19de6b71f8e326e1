"""The plugin offers what its README says."""

from pathlib import Path

import recipec_torch


def test_everything_offered_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    offered = [operator.id for operator in recipec_torch.recipec_operators()]
    offered += [capability.name for capability in recipec_torch.recipec_capabilities()]
    assert offered == ["torch.model", "torch.transformers", "cuda"]
    assert [name for name in offered if f"`{name}`" not in readme] == []
