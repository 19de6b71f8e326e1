"""A plan knows which builder made a model, so that later stages can build it again."""

import pytest

from recipec.api import UNKNOWN, Built
from recipec.testing import AlonePlanContext, run_alone
from recipec_torch.model import TorchModel

pytestmark = pytest.mark.frameworks

NET = """
from torch import nn


class Net(nn.Linear):
    def __init__(self, width=4):
        super().__init__(3, width)
"""


def test_the_builder_and_its_arguments_stand_in_the_plan_alone(tmp_path):
    (tmp_path / "net.py").write_text(NET)
    params = {"builder": "net.py:Net", "args": {"width": 6}, "input": {"x": {"shape": ["N", 3]}}}
    operator = TorchModel(TorchModel.params.model_validate(params))
    planned = operator.plan({}, AlonePlanContext(tmp_path)).outputs["model"]
    assert planned.built == Built(builder="net.py:Net", arguments={"width": 6})
    made, _ = run_alone(operator, {}, tmp_path / "run", files=tmp_path)
    assert made["model"].facts.built is UNKNOWN
    assert list(planned.contradictions(made["model"].facts)) == []
    assert "built" not in planned.comparable_json()
