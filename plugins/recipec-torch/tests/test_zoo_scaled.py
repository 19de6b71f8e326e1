"""Networks of the zoo that are made to be scaled."""

import pytest

from recipec.api import UNKNOWN, TensorSpec
from recipec.api.torch import layer_table
from recipec_torch.zoo import conv_mobilenet, efficientnet, mobilenet

pytestmark = pytest.mark.frameworks


def blocks(module):
    return sum(type(child).__name__ == "_InvertedResidual" for child in module.modules())


def test_mobilenet_has_as_many_blocks_as_its_depth_says():
    assert [blocks(mobilenet(depth=depth)) for depth in (0.5, 1, 1.2, 2)] == [3, 5, 8, 10]


@pytest.mark.parametrize("build", [mobilenet, efficientnet, conv_mobilenet])
def test_no_network_has_no_width(build):
    with pytest.raises(ValueError, match="width is 0, and must be above 0"):
        build(width=0)


@pytest.mark.parametrize("build", [mobilenet, efficientnet])
def test_no_network_has_a_depth_below_0(build):
    with pytest.raises(ValueError, match="depth is -1, and must be above 0"):
        build(depth=-1)


def test_efficientnet_is_torchvision_s_at_its_first_size():
    torchvision = pytest.importorskip("torchvision")
    x = (TensorSpec(name="x", shape=("N", 3, 64, 64)),)
    ours, theirs = efficientnet(), torchvision.models.efficientnet_b0()
    tables = [layer_table(module, x, UNKNOWN).without_zeros() for module in (ours, theirs)]
    assert tables[0] == tables[1]
