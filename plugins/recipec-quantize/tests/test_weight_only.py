"""`quantize.weight_only` for real, against torchao's weight-only configurations."""

import copy

import pytest
import torch
from torch import nn

from quantize_examples import nets
from quantize_examples.making import IMAGES, images, save_net
from recipec.api import OperatorError
from recipec.api.torch import load_exported, pack_int4, unpack_int4
from recipec.testing import RunContract
from recipec_quantize.weight_only import WeightOnly

pytestmark = pytest.mark.frameworks


class TestWeightOnly(RunContract):
    operator = WeightOnly

    def good_params(self):
        return {"weights": "int4", "group_size": 4, "exclude": ["short"]}

    def example_facts(self):
        from recipec.api.torch import module_facts

        return {"model": module_facts(nets.build("Residual"), IMAGES)}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "model", "Residual")}


def batch():
    return (torch.from_numpy(images().inputs["x"]),)


def run(artifact, inputs):
    with torch.no_grad():
        return load_exported(artifact.path).module()(*inputs)


def by_torchao(module, inputs, config):
    """Quantize all linear layers of a copy with torchao's own call, and run it."""
    from torchao.quantization import quantize_

    module = copy.deepcopy(module)
    quantize_(module, config, filter_fn=lambda layer, _: isinstance(layer, nn.Linear))
    with torch.no_grad():
        return module(*inputs)


def assert_same(made, wanted):
    """The same but for the order of additions: one part in 100,000 of the outputs' range."""
    spread = wanted.max() - wanted.min()
    assert (made - wanted).abs().max() <= 1e-5 * spread


CONFIGS = ["int8", "int4", "uint4"]


def config(name, group):
    from torchao.quantization import Int8WeightOnlyConfig, IntxWeightOnlyConfig, PerGroup
    from torchao.quantization.quant_primitives import MappingType

    if name == "int8":
        return {}, Int8WeightOnlyConfig()
    mapping = MappingType.ASYMMETRIC if name == "uint4" else MappingType.SYMMETRIC_NO_CLIPPING_ERR
    params = {"weights": "int4", "group_size": group, "affine": name == "uint4", "others": "float"}
    return params, IntxWeightOnlyConfig(torch.int4, PerGroup(group), mapping)


@pytest.mark.parametrize("name", CONFIGS)
def test_outputs_of_an_mlp_are_those_of_torchao(make, name):
    params, reference = config(name, 4)
    made = make(WeightOnly, "Mlp", **params)
    assert made.facts.precision == ("int8" if name == "int8" else "int4")
    assert_same(run(made, batch()), by_torchao(nets.build("Mlp"), batch(), reference))


@pytest.mark.parametrize("name", CONFIGS)
def test_outputs_of_a_transformer_are_those_of_torchao(make, name):
    from quantize_examples import minilm

    params, reference = config(name, 32)
    made = make(WeightOnly, "MiniLM", exclude=["type:Embedding"], **params)
    inputs = minilm.tokens()
    assert_same(run(made, inputs), by_torchao(minilm.build(), inputs, reference))


def test_outputs_of_convolutions_are_those_of_the_formula(make):
    """Batch norms folded by torch's own function, weights w ≈ scale · round(w · 1 / scale)."""
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    module = nets.build("Residual")
    for conv, norm in [("stem", "stem_norm"), ("conv1", "norm1"), ("conv2", "norm2")]:
        fused = fuse_conv_bn_eval(module.get_submodule(conv), module.get_submodule(norm))
        setattr(module, conv, fused)
        setattr(module, norm, nn.Identity())
    with torch.no_grad():
        for layer in (module.stem, module.conv1, module.conv2, module.short, module.head):
            rows = layer.weight.flatten(1)
            scale = rows.abs().amax(1, keepdim=True) / 127.5
            codes = (rows * (1 / scale)).round().clamp(-128, 127)
            layer.weight.copy_((scale * codes).view_as(layer.weight))
        wanted = module(*batch())
    assert_same(run(make(WeightOnly), batch()), wanted)


def test_rows_of_an_embedding_are_scaled_one_by_one(make):
    from quantize_examples import minilm

    made = make(WeightOnly, "MiniLM", include=["*word_embeddings"])
    module = minilm.build()
    weight = module.bert.embeddings.word_embeddings.weight
    with torch.no_grad():
        scale = weight.abs().amax(1, keepdim=True) / 127.5
        weight.copy_(scale * (weight * (1 / scale)).round().clamp(-128, 127))
        wanted = module(*minilm.tokens())
    assert_same(run(made, minilm.tokens()), wanted)
    graph = load_exported(made.path).graph
    assert "dequantize_per_channel" not in str(graph)  # not the whole table at every call


def test_four_bits_are_packed_in_the_file(make):
    made = make(WeightOnly, "Mlp", weights="int4", group_size=4)
    program = load_exported(made.path)
    weight = program.state_dict["head.weight"]
    assert (weight.shape, weight.dtype) == ((10, 18), torch.int8)
    stored = sum(t.nbytes for t in (*program.state_dict.values(), *program.constants.values()))
    assert stored == made.facts.layers.bytes


@pytest.mark.parametrize(("low", "high", "dtype"), [(-8, 8, torch.int8), (0, 16, torch.uint8)])
def test_packing_loses_nothing(low, high, dtype):
    codes = torch.arange(low, high, dtype=dtype).repeat(3, 4)
    assert pack_int4(codes).shape == (3, 32)
    assert torch.equal(unpack_int4(pack_int4(codes)), codes)
    with pytest.raises(ValueError, match="whole bytes"):
        pack_int4(codes[:, 1:])


def test_zeros_are_counted_among_the_codes(make):
    made = make(WeightOnly, "Mlp", weights="int4", group_size=4)
    table = {layer.name: layer for layer in made.facts.layers.layers}
    stored = load_exported(made.path).state_dict["head.weight"]
    assert table["head"].weight.zeros == int((unpack_int4(stored) == 0).sum()) > 0


def test_a_layer_that_runs_twice_has_one_weight(make):
    made = make(WeightOnly, "PreActivation")
    [row] = [layer for layer in made.facts.layers.layers if layer.name == "twice"]
    assert (row.positions, row.weight.dtype) == (2 * 64, "int8")
    wanted = nets.build("PreActivation")(*batch()).detach()
    assert (run(made, batch()) - wanted).abs().max() < 0.01 * (wanted.max() - wanted.min())


def test_layers_that_share_a_weight_are_refused(make):
    with pytest.raises(OperatorError, match="share one weight"):
        make(WeightOnly, "Tied")


def test_a_layer_on_which_no_output_depends_is_named(make):
    with pytest.raises(OperatorError, match="depends on spare") as raised:
        make(WeightOnly, "Spare")
    assert raised.value.hint == "exclude: [spare]"
