"""Puts every operator of the tiny plugin under the contract; run by `test_contract.py`."""

from recipec_acme import bad
from recipec_acme.good import Repeat, Text

from recipec.api import Layer, LayerTable
from recipec.testing import RunContract, artifact

LAYERS = LayerTable(layers=(Layer(name="first", type="Line", tensors=()),))


class RepeatContract(RunContract):
    def good_params(self):
        return {"times": 3}

    def example_facts(self):
        return {"model": Text(lines=4, tags={"a": 1}, layers=LAYERS)}

    def example_artifacts(self, folder):
        path = folder / "in.txt"
        path.write_text("one\ntwo\nend\n")
        return {"model": artifact(Text(lines=3), path)}


for operator in [Repeat, *vars(bad).values()]:
    if isinstance(operator, type) and issubclass(operator, Repeat):
        name = f"Test{operator.__name__}"
        globals()[name] = type(name, (RepeatContract,), {"operator": operator})
