"""`torch.model` with timm's builders: any of its architectures, by name."""

import pytest
import torch

from recipec.api import OperatorError
from recipec.api.torch import load_module
from recipec.testing import AlonePlanContext, run_alone
from recipec_torch.model import TorchModel

pytestmark = pytest.mark.frameworks


def model(name):
    params = {
        "builder": "timm:create_model",
        "args": {"model_name": name, "pretrained": False, "num_classes": 7},
        "input": {"x": {"shape": ["N", 3, 160, 160]}},
    }
    return TorchModel(TorchModel.params.model_validate(params))


@pytest.mark.parametrize("name", ["test_resnet", "test_vit"])
def test_it_is_the_model_that_timm_makes_from_the_seed(name, tmp_path):
    import timm

    operator = model(name)
    made, _ = run_alone(operator, {}, tmp_path, seed=5)
    ours = load_module(made["model"].path)
    torch.manual_seed(5)
    reference = timm.create_model(name, pretrained=False, num_classes=7).eval()
    x = torch.randn(2, 3, 160, 160)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), reference(x), rtol=0, atol=0)
    facts = made["model"].facts
    assert facts.layers.parameters == sum(p.numel() for p in reference.parameters())
    planned = operator.plan({}, AlonePlanContext(tmp_path)).outputs["model"]
    assert list(planned.contradictions(facts)) == []


def test_a_name_that_timm_does_not_know_is_an_error_at_the_arguments(tmp_path):
    with pytest.raises(OperatorError, match="nonet") as raised:
        model("nonet_50").plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == ("args",)
