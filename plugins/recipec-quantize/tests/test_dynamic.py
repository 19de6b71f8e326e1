"""`quantize.dynamic` for real, against `torch.ao.quantization.quantize_dynamic`."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from quantize_examples import nets
from quantize_examples.making import IMAGES, images, save_net
from recipec.api import OperatorError
from recipec.api.torch import DynamicGRU, DynamicLSTM, load_module, read_structure
from recipec.testing import RunContract
from recipec_quantize.dynamic import DynamicQuantization

pytestmark = pytest.mark.frameworks


class TestDynamicQuantization(RunContract):
    operator = DynamicQuantization

    def good_params(self):
        return {"exclude": ["head"]}

    def example_facts(self):
        from recipec.api.torch import module_facts

        return {"model": module_facts(nets.build("Recurrent"), IMAGES)}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "model", "Recurrent")}


def batch():
    return (torch.from_numpy(images().inputs["x"]),)


def run(artifact, inputs):
    with torch.no_grad():
        return load_module(artifact.path)(*inputs)


def by_torch(module, inputs, per_channel):
    """Quantize and run as the framework's tutorials do."""
    from torch.ao.quantization import (
        default_dynamic_qconfig,
        per_channel_dynamic_qconfig,
        quantize_dynamic,
    )

    scheme = per_channel_dynamic_qconfig if per_channel else default_dynamic_qconfig
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", DeprecationWarning)
        quantized = quantize_dynamic(
            module, {nn.Linear: scheme, nn.LSTM: scheme, nn.GRU: scheme}, dtype=torch.qint8
        )
        return quantized(*inputs)


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("name", ["Recurrent", "Mlp", "Residual"])
def test_outputs_are_the_frameworks_own_to_the_bit(make, name, per_channel):
    made = make(DynamicQuantization, name, per_channel=per_channel)
    assert torch.equal(run(made, batch()), by_torch(nets.build(name), batch(), per_channel))


def test_outputs_of_a_transformer_are_the_frameworks_own_to_the_bit(make):
    from quantize_examples import minilm

    made = make(DynamicQuantization, "MiniLM")
    wanted = by_torch(minilm.build(), minilm.tokens(), per_channel=True)
    assert torch.equal(run(made, minilm.tokens()), wanted)


@pytest.mark.parametrize(("kind", "made"), [(nn.LSTM, DynamicLSTM), (nn.GRU, DynamicGRU)])
def test_sequences_of_several_lengths_and_given_states(kind, made):
    """Against torch's quantized layer, given the same int8 weights."""
    from recipec_quantize._dynamic import _fill

    torch.manual_seed(1)
    layer = kind(6, 5, num_layers=2, batch_first=True)
    ours = made(6, 5, num_layers=2, batch_first=True).eval()
    with torch.no_grad():
        _fill(ours, layer, per_channel=True)
    x, lengths = torch.randn(3, 7, 6), torch.tensor([4, 7, 5])
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    state = torch.randn(2, 3, 5)
    states = (state, torch.randn(2, 3, 5)) if kind is nn.LSTM else state
    for inputs in ((packed,), (packed, states), (x, states)):
        one, first = ours(*inputs)
        other, second = by_torch(Holder(layer), inputs, per_channel=True)
        assert all(map(torch.equal, _tensors(one), _tensors(other)))
        assert all(map(torch.equal, _tensors(first), _tensors(second)))


class Holder(nn.Module):
    """`quantize_dynamic` replaces a module's children, not the module itself."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, *inputs):
        return self.layer(*inputs)


def _tensors(value):
    return [value] if isinstance(value, torch.Tensor) else list(value)[:2]


def test_weights_are_int8_in_the_artifact_and_nothing_float_is_left(make):
    state = load_module(make(DynamicQuantization, "Recurrent").path).state_dict()
    assert {t.dtype for t in state.values() if t.dim() > 1} == {torch.int8}
    assert len([name for name in state if name.endswith("_scale")]) == 2 * 4 + 2 + 1


def test_a_layer_that_stays_is_the_same_to_the_bit(make):
    made = make(DynamicQuantization, "Recurrent", exclude=["head", "lstm"])
    module, before = load_module(made.path), nets.build("Recurrent")
    assert torch.equal(module.head.weight, before.head.weight)
    assert torch.equal(module.lstm.weight_hh_l1_reverse, before.lstm.weight_hh_l1_reverse)
    assert type(module.gru) is DynamicGRU


def test_packed_weights_follow_the_tensors(make):
    module = load_module(make(DynamicQuantization, "Mlp").path)
    with torch.no_grad():
        before = module(*batch())
        module.head.weight_scale.mul_(2)
        assert torch.allclose(module(*batch()), 2 * before, rtol=1e-5)


def test_a_module_quantized_in_two_stages(tmp_path, make):
    from recipec.testing import AlonePlanContext, run_alone

    first = make(DynamicQuantization, "Recurrent", include=["head"], per_channel=False)
    operator = DynamicQuantization(DynamicQuantization.params(include=["type:LSTM"]))
    planned = operator.plan({"model": first.facts}, AlonePlanContext(tmp_path)).outputs["model"]
    second, _ = run_alone(operator, {"model": first}, tmp_path / "second")
    assert list(planned.contradictions(second["model"].facts)) == []
    assert len(read_structure(second["model"].path).edits) == 2
    assert second["model"].facts.quantization.weights == "int8 symmetric"


def test_layers_that_share_a_weight_are_refused(make):
    with pytest.raises(OperatorError, match="share one weight"):
        make(DynamicQuantization, "Tied")


def test_a_subclass_of_torchs_layer_is_refused(make):
    with pytest.raises(OperatorError, match="of its own") as raised:
        make(DynamicQuantization, "Own")
    assert raised.value.hint == "exclude: [head]"


def test_a_new_process_loads_it_with_the_same_outputs(make, tmp_path):
    made = make(DynamicQuantization, "Recurrent")
    np.save(tmp_path / "wanted.npy", run(made, batch()).numpy())
    np.save(tmp_path / "x.npy", batch()[0].numpy())
    script = """
import sys, numpy, torch
from pathlib import Path
from recipec.api.torch import load_module
folder = Path(sys.argv[2])
torch.set_num_threads(1)
with torch.no_grad():
    y = load_module(Path(sys.argv[1]))(torch.from_numpy(numpy.load(folder / "x.npy")))
assert "torchao" not in sys.modules and "recipec_quantize" not in sys.modules
print(numpy.array_equal(y.numpy(), numpy.load(folder / "wanted.npy")))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(made.path), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(sys.prefix),
    )
    assert (done.stdout, done.stderr) == ("True\n", "")
