"""Every operator holds to the contract, on a model where it has something to do."""

import pytest

from recipec.testing import RunContract
from recipec_graphsurgeon.cut import Cut
from recipec_graphsurgeon.dynamic import Dynamic
from recipec_graphsurgeon.fold import Fold
from recipec_graphsurgeon.remove import Remove
from recipec_graphsurgeon.rename import Rename
from recipec_graphsurgeon.replace import Replace
from recipec_graphsurgeon.retype import Retype
from surgery_examples import models

pytestmark = pytest.mark.frameworks


class SurgeryContract(RunContract):
    made = staticmethod(models.convnet)
    params = {}

    def good_params(self):
        return {"check": {"samples": 4}, **self.params}

    def example_facts(self):
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            return {"model": models.facts(self.made(), Path(folder))}

    def example_artifacts(self, folder):
        return {"model": models.save(folder, self.made())}


class TestRename(SurgeryContract):
    operator = Rename
    params = {"inputs": {"x": "image"}, "outputs": {"logits": "scores"}}


class TestRetype(SurgeryContract):
    operator = Retype
    params = {
        "inputs": {"x": {"dtype": "uint8", "scale": [0.1, 0.2, 0.3], "offset": -0.5}},
        "outputs": {"logits": "float16"},
    }


class TestDynamic(SurgeryContract):
    operator = Dynamic
    made = staticmethod(models.flattening)
    params = {"shapes": {"x": ["N", 4, 4], "logits": ["N", 3]}}


class TestFixed(SurgeryContract):
    operator = Dynamic
    made = staticmethod(models.encoder)
    params = {"dimensions": {"L": 7, "N": "batch"}}


class TestFold(SurgeryContract):
    operator = Fold
    made = staticmethod(models.foldable)


class TestCut(SurgeryContract):
    operator = Cut
    params = {"inputs": ["same"], "outputs": ["features"]}


class TestCutOfABranchingModel(SurgeryContract):
    operator = Cut
    made = staticmethod(models.branching)
    params = {"inputs": ["chosen", "outer"]}


class TestRemove(SurgeryContract):
    operator = Remove
    params = {"nodes": ["type:Identity", "drop"]}


class TestRemoveFromBodies(SurgeryContract):
    operator = Remove
    made = staticmethod(models.branching)
    params = {"nodes": ["type:Identity"], "exclude": ["body/going"]}


class TestReplace(SurgeryContract):
    operator = Replace
    made = staticmethod(models.perceptron)
    params = {"match": ["m = MatMul(x, w)", "y = Add(m, b)"], "by": "y = Gemm(x, w, b)"}
