"""MobileNetV1 and EfficientNet come out at the sizes that their papers give, planned and made."""

import pytest

from recipec.api.torch import load_module
from recipec_arch.compound import CompoundScale
from recipec_arch.separable import DepthwiseSeparable

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


@pytest.fixture
def given(tmp_path):
    """Make the unchanged network of the zoo for images of 224×224."""
    pytest.importorskip("torchvision")
    from arch_examples.making import save

    return lambda name: save(tmp_path / name, f"recipec_torch.zoo:{name}", 3, 224, 224)


def test_mobilenet_with_full_and_with_depthwise_convolutions(given, change):
    # Howard et al., arXiv:1704.04861, table 4: 4866 M and 569 M multiply-adds, 29.3 M and 4.2 M
    full = given("conv_mobilenet")
    made, _, planned = change(
        DepthwiseSeparable, full, exclude=["0.0"], between="norm_relu", init="random"
    )
    assert full.facts.layers.macs == pytest.approx(4866e6, rel=0.03)
    assert full.facts.layers.parameters == pytest.approx(29.3e6, rel=0.03)
    for table in (planned.outputs["model"].layers, made.facts.layers):
        assert table.macs == pytest.approx(569e6, rel=0.03)
        assert table.parameters == pytest.approx(4.2e6, rel=0.03)
    module = load_module(made.path)
    assert sum(p.numel() for p in module.parameters()) == made.facts.layers.parameters


@pytest.mark.parametrize(
    ("phi", "parameters", "macs"),  # Tan and Le, arXiv:1905.11946, table 2, in millions
    [(0, 5.3, 390), (0.5, 7.8, 700), (1, 9.2, 1000), (2, 12, 1800), (3.5, 19, 4200)],
    ids=["B0", "B1", "B2", "B3", "B4"],
)
def test_efficientnets(phi, parameters, macs, given, change):
    made, _, planned = change(CompoundScale, given("efficientnet"), phi=phi)
    for table in (planned.outputs["model"].layers, made.facts.layers):
        assert table.parameters / 1e6 == pytest.approx(parameters, rel=0.1)
        assert table.macs / 1e6 == pytest.approx(macs, rel=0.1)
    module = load_module(made.path)
    assert sum(p.numel() for p in module.parameters()) == made.facts.layers.parameters
