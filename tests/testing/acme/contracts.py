"""Puts every operator of the tiny plugin under the contract; run by `test_contract.py`."""

import os
from pathlib import Path

from recipec_acme import bad, leaky
from recipec_acme.good import Repeat, Text

from recipec.api import Layer, LayerTable
from recipec.testing import RunContract, artifact

LAYERS = LayerTable(layers=(Layer(name="first", type="Line", tensors=()),))

bad.REGISTERED.append("by the tests")


class RepeatContract(RunContract):
    versions = Path(os.environ["ACME_VERSIONS"])

    def good_params(self):
        return {"times": 3}

    def example_facts(self):
        return {"model": Text(lines=4, tags={"a": 1}, layers=LAYERS)}

    def example_artifacts(self, folder):
        path = folder / "in.txt"
        path.write_text("one\ntwo\nend\n")
        return {"model": artifact(Text(lines=3), path)}


for operator in [Repeat, *vars(bad).values(), *vars(leaky).values()]:
    if isinstance(operator, type) and issubclass(operator, Repeat):
        name = f"Test{operator.__name__}"
        members = {"operator": operator, "uses_scratch": issubclass(operator, bad.Slow)}
        globals()[name] = type(name, (RepeatContract,), members)
