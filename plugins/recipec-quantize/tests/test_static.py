"""`quantize.static` for real, against the same steps written out with torchao's own calls."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from quantize_examples import nets
from quantize_examples.making import IMAGES, images, refer_to_images, save_net
from recipec.api import OperatorError
from recipec.api.torch import load_exported
from recipec.testing import RunContract
from recipec_quantize._observers import PercentileObserver
from recipec_quantize._torchao import (
    HistogramObserver,
    MinMaxObserver,
    MovingAverageMinMaxObserver,
    PerChannelMinMaxObserver,
    QuantizationAnnotation,
    QuantizationSpec,
    Quantizer,
    convert_pt2e,
    prepare_pt2e,
)
from recipec_quantize.static import StaticQuantization

pytestmark = pytest.mark.frameworks
aten = torch.ops.aten
quantized = torch.ops.quantized_decomposed


class TestStaticQuantization(RunContract):
    operator = StaticQuantization

    def good_params(self):
        return {"calibration": {"data": "images", "samples": 48}, "exclude": ["short"]}

    def example_facts(self):
        from recipec.api import DataSamples, TorchModule
        from recipec.api.torch import module_facts

        facts = module_facts(nets.build("Residual"), IMAGES)
        assert isinstance(facts, TorchModule)
        return {
            "model": facts,
            "calibration.data": DataSamples(count=80, inputs=IMAGES, classes=None),
        }

    def example_artifacts(self, folder):
        return {
            "model": save_net(folder / "model", "Residual"),
            "calibration.data": refer_to_images(folder / "images.json"),
        }


def run(artifact, batch):
    with torch.no_grad():
        return load_exported(artifact.path).module()(batch)


def batch():
    return torch.from_numpy(images().inputs["x"])


def by_hand(target, observer):
    """Post-training quantization of `Residual` as torchao's tutorial does it."""
    if target == "cpu":
        activation = QuantizationSpec(
            dtype=torch.uint8,
            quant_min=0,
            quant_max=255,
            qscheme=torch.per_tensor_affine,
            observer_or_fake_quant_ctr=observer,
        )
    else:
        activation = QuantizationSpec(
            dtype=torch.int8,
            quant_min=-128,
            quant_max=127,
            qscheme=torch.per_tensor_symmetric,
            observer_or_fake_quant_ctr=observer,
        )
    weight = QuantizationSpec(
        dtype=torch.int8,
        quant_min=-127,
        quant_max=127,
        qscheme=torch.per_channel_symmetric,
        ch_axis=0,
        observer_or_fake_quant_ctr=PerChannelMinMaxObserver,
    )

    class Everything(Quantizer):
        def annotate(self, model):
            for node in model.graph.nodes:
                wanted = {}
                if node.target in (aten.conv2d.default, aten.linear.default):
                    wanted = {node.args[0]: activation, node.args[1]: weight}
                elif node.target is aten.add.Tensor:
                    wanted = {node.args[0]: activation, node.args[1]: activation}
                if wanted:
                    node.meta["quantization_annotation"] = QuantizationAnnotation(
                        input_qspec_map=wanted, _annotated=True
                    )
            return model

        def validate(self, model):
            pass

    x = images().inputs["x"]
    free = ({0: torch.export.Dim("N", min=1)},)
    program = torch.export.export(
        nets.build("Residual"), (torch.from_numpy(x[:2]),), dynamic_shapes=free
    )
    prepared = prepare_pt2e(program.module(), Everything())
    order = np.random.default_rng(0).permutation(len(x))[:64]
    with torch.no_grad():
        for start in range(0, 64, 16):
            prepared(torch.from_numpy(x[order[start : start + 16]]))
    return convert_pt2e(prepared)


@pytest.mark.parametrize(
    ("target", "name", "observer"),
    [
        ("cpu", "minmax", MinMaxObserver),
        ("cpu", "moving_average", MovingAverageMinMaxObserver),
        ("cpu", "histogram", HistogramObserver),
        ("tensorrt", "histogram", HistogramObserver),
    ],
)
def test_outputs_are_those_of_torchaos_own_calls_to_the_bit(quantize, target, name, observer):
    made = quantize(target=target, observer=name)
    reference = by_hand(target, observer)
    with torch.no_grad():
        assert torch.equal(run(made, batch()), reference(batch()))


def nodes(artifact, operation):
    return [n for n in load_exported(artifact.path).graph.nodes if n.target is operation]


def test_tensorrts_zero_points_are_zero_and_the_cpus_use_the_whole_of_uint8(quantize):
    symmetric = nodes(quantize(target="tensorrt"), quantized.quantize_per_tensor.default)
    assert {node.args[2] for node in symmetric} == {0}
    assert {node.args[5] for node in symmetric} == {torch.int8}
    affine = nodes(quantize(target="cpu"), quantized.quantize_per_tensor.default)
    assert {node.args[5] for node in affine} == {torch.uint8}
    assert len({node.args[2] for node in affine}) > 1


@pytest.mark.parametrize("observer", ["minmax", "histogram", "percentile"])
def test_an_int8_model_is_close_to_the_float_one(quantize, observer):
    with torch.no_grad():
        wanted = nets.build("Residual")(batch())
    difference = run(quantize(observer=observer), batch()) - wanted
    assert difference.abs().max() < 0.05 * (wanted.max() - wanted.min())
    assert difference.abs().max() > 0  # it was quantized


def test_excluded_layers_keep_their_float_weights(quantize):
    made = quantize(exclude=["head", "conv*"])
    state = load_exported(made.path).state_dict
    assert torch.equal(state["head.weight"], nets.build("Residual").head.weight)
    assert state["short.weight"].dtype is torch.int8
    assert made.facts.precision == "mixed"


def test_an_addition_of_excluded_layers_stays_float(quantize):
    convolutions = nodes(quantize(exclude=["conv2", "short"]), aten.add.Tensor)
    assert {node.args[0].target for node in convolutions} == {aten.conv2d.default}


def test_a_batch_norm_stays_where_something_else_reads_its_input(quantize):
    # `prepare_pt2e` itself folds norm1 into stem, although an addition reads stem's output.
    made = quantize("PreActivation")
    with torch.no_grad():
        wanted = nets.build("PreActivation")(batch())
    assert (run(made, batch()) - wanted).abs().max() < 0.1 * (wanted.max() - wanted.min())
    names = [layer.name for layer in made.facts.layers.layers]
    assert "norm1" in names
    assert "norm3" not in names


def test_a_layer_that_runs_twice_has_one_weight(quantize):
    made = quantize("PreActivation")
    [row] = [layer for layer in made.facts.layers.layers if layer.name == "twice"]
    assert (row.positions, row.weight.dtype) == (2 * 64, "int8")
    assert [name for name in load_exported(made.path).state_dict if "twice" in name] == [
        "twice.weight",
        "twice.bias",
        "twice.weight_scale",
    ]


def test_no_float_weight_stays_behind(quantize):
    state = load_exported(quantize().path).state_dict
    large = {name for name, tensor in state.items() if tensor.dim() > 1}
    assert {state[name].dtype for name in large} == {torch.int8}
    assert not [name for name in state if name.startswith("_")]


def test_layers_that_share_a_weight_are_refused(quantize):
    with pytest.raises(OperatorError, match="share one weight"):
        quantize("Tied")
    with pytest.raises(OperatorError, match="no layer is left"):
        quantize("Tied", exclude=["one", "other"])


def test_a_model_with_nothing_to_quantize_can_be_let_through(quantize):
    made = quantize("Weightless")
    with torch.no_grad():
        assert torch.equal(run(made, batch()), nets.build("Weightless")(batch()))
    assert made.facts.quantization is None


def test_the_metric_counts_the_layers(tmp_path):
    from recipec.testing import AloneRunContext

    contract = TestStaticQuantization()
    operator = contract.make()
    inputs = contract.example_artifacts(tmp_path)
    [metric] = operator.run(inputs, AloneRunContext(tmp_path, operator)).metrics
    assert (metric.name, metric.value) == ("layers.quantized", 4)


def test_the_linear_layers_of_a_transformer(quantize):
    from quantize_examples import minilm

    made = quantize("MiniLM")
    rows = {layer.name: layer for layer in made.facts.layers.layers}
    assert rows["bert.encoder.layer.0.attention.self.query"].weight.dtype == "int8"
    assert rows["bert.embeddings.word_embeddings"].weight.dtype == "float32"
    with torch.no_grad():
        wanted = minilm.build()(*minilm.tokens())
        found = load_exported(made.path).module()(*minilm.tokens())
    assert torch.nn.functional.cosine_similarity(found, wanted).min() > 0.95


def test_the_classifier_of_a_recurrent_model(quantize):
    """Recurrent layers stay float: neither torch's kernels nor onnxruntime's take int8 states."""
    made = quantize("Recurrent")
    with torch.no_grad():
        wanted = nets.build("Recurrent")(batch())
    assert (run(made, batch()) - wanted).abs().max() < 0.02 * (wanted.max() - wanted.min())
    rows = {layer.name: layer for layer in made.facts.layers.layers}
    assert rows["head"].weight.dtype == "int8"
    assert {t.dtype for t in rows["lstm"].tensors} == {"float32"}


def test_percentiles_are_those_of_all_values_seen():
    observer = PercentileObserver(
        95, dtype=torch.uint8, quant_min=0, quant_max=255, qscheme=torch.per_tensor_affine
    )
    random = np.random.default_rng(0)
    seen = [scale * random.standard_normal(5000).astype(np.float32) for scale in (1, 3, 2)]
    for values in seen:
        observer(torch.from_numpy(values))
    scale, zero_point = observer.calculate_qparams()
    low, high = np.percentile(np.concatenate(seen), [5, 95])
    assert float(-zero_point * scale) == pytest.approx(low, rel=0.02)
    assert float((255 - zero_point) * scale) == pytest.approx(high, rel=0.02)


def test_a_percentile_of_100_is_the_range():
    observer = PercentileObserver(
        100, dtype=torch.uint8, quant_min=0, quant_max=255, qscheme=torch.per_tensor_affine
    )
    observer(torch.tensor([0.0, 1.0, 2.0]))
    observer(torch.tensor([5.1]))
    assert float(observer.calculate_qparams()[0]) == pytest.approx(0.02)


def test_a_new_process_loads_it_with_the_same_outputs(quantize, tmp_path):
    made = quantize()
    np.save(tmp_path / "wanted.npy", run(made, batch()).numpy())
    np.save(tmp_path / "x.npy", batch().numpy())
    script = """
import sys, numpy, torch
from pathlib import Path
from recipec.api.torch import load_exported
folder = Path(sys.argv[2])
torch.set_num_threads(1)
module = load_exported(Path(sys.argv[1])).module()
with torch.no_grad():
    y = module(torch.from_numpy(numpy.load(folder / "x.npy")))
assert "torchao" not in sys.modules
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
