"""A recipe with a matrix on the command line: all variants, or those that are chosen."""

import pytest

MATRIX = """\
matrix:
  stages.small.with.amount: [0.25, 0.5]
  stages.big.with.factor: [2, 3]
  exclude: [{stages.small.with.amount: 0.25, stages.big.with.factor: 3}]
outputs:"""
LABELS = ["amount=0.25,factor=2", "amount=0.5,factor=2", "amount=0.5,factor=3"]


@pytest.fixture
def swept(recipec):
    """A recipe with three variants, the gate of which the first can't meet."""
    recipec.change("outputs:", MATRIX)
    return recipec


def test_x(swept):
    print(swept("compile", "recipe.yaml", "--dry-run")[1])
    code, out, err = swept("compile", "recipe.yaml")
    print(code, out, err)
    print(swept("validate", "recipe.yaml"))
    print(swept("compile", "recipe.yaml", "--plan-out", "x.json"))
    print(swept("compile", "recipe.yaml", "--dry-run", "--variant", "amount=0.5*")[1])
