"""`quantize.qat` for real, against the same training written out with torchao's own calls."""

import copy

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)

from quantize_examples import nets
from quantize_examples.making import COUNT, IMAGES, labelled, refer_to_labelled, save_net
from recipec.api.torch import load_exported, reproducible
from recipec.testing import RunContract
from recipec_quantize._torchao import (
    FakeQuantize,
    MovingAverageMinMaxObserver,
    MovingAveragePerChannelMinMaxObserver,
    QuantizationAnnotation,
    QuantizationSpec,
    Quantizer,
    convert_pt2e,
    prepare_qat_pt2e,
)
from recipec_quantize.qat import QuantizationAwareTraining

pytestmark = pytest.mark.frameworks
aten = torch.ops.aten
quantized = torch.ops.quantized_decomposed
SHORT = {
    "data": "train",
    "epochs": 2,
    "batch_size": 16,
    "loss": {"name": "cross_entropy", "label_smoothing": 0.0},
    "optimizer": {"name": "sgd", "lr": 0.02},
    "schedule": {"name": "constant"},
}


class TestQuantizationAwareTraining(RunContract):
    operator = QuantizationAwareTraining
    uses_scratch = True

    def good_params(self):
        return {**SHORT, "epochs": 1, "weight_bits": 4, "exclude": ["short"]}

    def example_facts(self):
        from recipec.api import DataSamples
        from recipec.api.torch import module_facts

        return {
            "model": module_facts(nets.build("Residual"), IMAGES),
            "data": DataSamples(count=COUNT, inputs=IMAGES, classes=4),
        }

    def example_artifacts(self, folder):
        return {
            "model": save_net(folder / "model", "Residual"),
            "data": refer_to_labelled(folder / "labelled.json"),
        }


def batch():
    return torch.from_numpy(labelled().inputs["x"])


def run(artifact, x):
    with torch.no_grad():
        return load_exported(artifact.path).module()(x)


class Everything(Quantizer):
    """Convolutions, linear layers and additions, as torchao's tutorial annotates them."""

    def __init__(self, bits):
        super().__init__()
        self.activation = QuantizationSpec(
            dtype=torch.uint8,
            quant_min=0,
            quant_max=255,
            qscheme=torch.per_tensor_affine,
            observer_or_fake_quant_ctr=FakeQuantize.with_args(observer=MovingAverageMinMaxObserver),
        )
        self.weight = QuantizationSpec(
            dtype=torch.int8,
            quant_min=1 - 2 ** (bits - 1),
            quant_max=2 ** (bits - 1) - 1,
            qscheme=torch.per_channel_symmetric,
            ch_axis=0,
            observer_or_fake_quant_ctr=FakeQuantize.with_args(
                observer=MovingAveragePerChannelMinMaxObserver, averaging_constant=1.0
            ),
        )

    def annotate(self, model):
        for node in model.graph.nodes:
            wanted = {}
            if node.target in (aten.conv2d.default, aten.linear.default):
                wanted = {node.args[0]: self.activation, node.args[1]: self.weight}
            elif node.target is aten.add.Tensor:
                wanted = dict.fromkeys(node.args[:2], self.activation)
            if wanted:
                node.meta["quantization_annotation"] = QuantizationAnnotation(
                    input_qspec_map=wanted, _annotated=True
                )
        return model

    def validate(self, model):
        pass


def by_hand(name, bits, epochs, frozen_from):
    """Train and convert with torchao's own calls; give the converted model and the last loss."""
    from torchao.quantization.pt2e import allow_exported_model_train_eval, disable_observer

    from recipec.api.training.streams import stream_seed

    x, y = batch(), torch.from_numpy(labelled().labels)
    module = nets.build(name).train()
    free = ({0: torch.export.Dim("N", min=1)},)
    program = torch.export.export(module, (x[:2],), dynamic_shapes=free, strict=False)
    prepared = allow_exported_model_train_eval(prepare_qat_pt2e(program.module(), Everything(bits)))
    prepared.train()
    optimizer = torch.optim.SGD(prepared.parameters(), 0.02, momentum=0.9, weight_decay=5e-4)
    step = 0
    with reproducible(0, 1):
        for epoch in range(epochs):
            generator = torch.Generator().manual_seed(stream_seed(0, epoch, "order"))
            total = 0.0
            for rows in torch.randperm(len(y), generator=generator).split(16):
                optimizer.zero_grad()
                loss = F.cross_entropy(prepared(x[rows]), y[rows])
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)
                step += 1
                if step == frozen_from:
                    prepared.apply(disable_observer)
                    for node in prepared.graph.nodes:
                        if node.target is aten.batch_norm.default:
                            node.args = (*node.args[:5], False, *node.args[6:])
                    prepared.recompile()
        prepared.eval()
        return convert_pt2e(prepared), total / len(y)


@pytest.mark.parametrize(
    ("name", "bits"),
    [pytest.param("Plain", 3, marks=pytest.mark.slow), ("Mlp", 8)],  # torchao matches patterns
)
def test_losses_and_outputs_are_those_of_torchaos_own_calls(make, name, bits):
    results = []
    made = make(
        QuantizationAwareTraining, name, **SHORT, weight_bits=bits, freeze=0.7, results=results
    )
    reference, loss = by_hand(name, bits, epochs=2, frozen_from=7)
    metrics = {metric.name: metric.value for metric in results[0].metrics}
    assert metrics["loss.train"] == pytest.approx(loss, abs=1e-6)
    with torch.no_grad():
        wanted = reference(batch())
    step = (wanted.max() - wanted.min()) / 255
    assert (run(made, batch()) - wanted).abs().max() <= 2 * step


@pytest.mark.parametrize("name", ["Residual", "PreActivation", "Recurrent", "Mlp"])
def test_no_fake_quantizer_or_observer_is_left(make, name):
    made = make(QuantizationAwareTraining, name, **SHORT)
    program = load_exported(made.path)
    targets = {str(node.target) for node in program.graph.nodes}
    assert not [target for target in targets if "fake_quant" in target or "observe" in target]
    leftovers = ("min_val", "max_val", "observer", "fake_quant", "activation_post_process")
    names = [*program.state_dict, *program.constants]
    assert not [name for name in names if any(word in name for word in leftovers)]
    chosen = {"Recurrent": {"head"}}.get(name)
    int8 = {
        row.name for row in made.facts.layers.layers if row.weight and row.weight.dtype == "int8"
    }
    assert int8 == chosen if chosen else int8


def test_what_is_converted_is_what_was_trained(tmp_path):
    """Folded and int8, the model gives the outputs of the graph whose rounding was simulated.

    Its normalizations have an ε and a momentum of their own, and one follows a linear layer.
    """
    from torch.fx import GraphModule

    from recipec.api import UNKNOWN
    from recipec.api.folding import foldable_norms
    from recipec.api.torch import export_program, module_facts
    from recipec_quantize._convert import int8_program
    from recipec_quantize._naming import layer_nodes
    from recipec_quantize._qat import _fold, prepare
    from recipec_quantize._qat_mode import QatHooks
    from recipec_quantize._qat_norms import restore_weights
    from recipec_quantize._shields import Unused

    facts = module_facts(nets.build("OddNorms"), IMAGES, UNKNOWN)
    chosen, norms = frozenset({"conv", "linear", "head"}), foldable_norms(facts.layers)
    assert norms == {"norm": "conv", "norm2": "linear"}
    kinds = [(layer.name, layer.type) for layer in facts.layers.layers]
    graph = export_program(nets.build("OddNorms"), IMAGES, facts.outputs, kinds).module()
    assert isinstance(graph, GraphModule)
    layers = layer_nodes(graph, chosen)
    params = QuantizationAwareTraining.params(**SHORT, weight_bits=4)
    prepared, scaled = prepare(graph, norms, chosen, params)
    assert len(scaled) == 2
    hooks = QatHooks(0.5)
    hooks.begin(prepared, None, type("Length", (), {"steps": 4}), None)
    with torch.no_grad():
        before = copy.deepcopy(prepared.norm.running_mean)
        hooks.switch(prepared, True)
        for step in range(4):
            prepared(batch())
            hooks.at(step + 1)
        moved = prepared.norm.running_mean
        means = F.conv2d(batch(), nets.build("OddNorms").conv.weight).mean((0, 2, 3))
        assert torch.allclose(moved, 0.5 * (0.5 * before + 0.5 * means) + 0.5 * means, atol=0.05)
        hooks.switch(prepared, False)
        simulated = prepared(batch())
        restore_weights(prepared, scaled)
        _fold(prepared, norms)
        program = int8_program(prepared, layers, Unused(prepared), IMAGES, facts.outputs, kinds)
        made = program.module()(batch())
    assert (made - simulated).abs().max() <= (simulated.max() - simulated.min()) / 255


def test_evaluation_leaves_no_trace_in_the_ranges(make):
    """Validation data that is only watched changes nothing, not even a moving average."""
    watched = make(QuantizationAwareTraining, **SHORT, validation="validation")
    alone = make(QuantizationAwareTraining, **SHORT)
    assert watched.digest == alone.digest


def test_freezing_holds_ranges_and_statistics(make):
    """With everything frozen after the first of ten steps, it makes a difference when."""
    early = make(QuantizationAwareTraining, **SHORT, freeze=0.01)
    late = make(QuantizationAwareTraining, **SHORT, freeze=1.0)
    assert early.digest != late.digest


def test_fewer_bits_are_fewer_levels(make):
    made = make(QuantizationAwareTraining, **SHORT, weight_bits=2, activation_bits=3)
    program = load_exported(made.path)
    assert set(program.state_dict["conv1.weight"].unique().tolist()) == {-1, 0, 1}
    steps = [n for n in program.graph.nodes if n.target is quantized.quantize_per_tensor.default]
    assert {(node.args[3], node.args[4]) for node in steps} == {(0, 7)}
    assert all(node.args[0].target is aten.clamp.default for node in steps)


def test_pruned_weights_stay_zero(make, tmp_path):
    made = make(QuantizationAwareTraining, "Pruned", **SHORT)
    weight = load_exported(made.path).state_dict["body.1.weight"]
    assert int((weight[::2] != 0).sum()) == 0
    assert int((weight[1::2] != 0).sum()) > 0


def test_the_float_models_own_outputs_can_be_part_of_the_loss(make):
    results = []
    make(QuantizationAwareTraining, **SHORT, distill=0.5, results=results)
    make(QuantizationAwareTraining, **SHORT, results=results)
    first, second = ({m.name: m.value for m in result.metrics} for result in results)
    assert first["loss.train"] != second["loss.train"]
    assert first["layers.quantized"] == 5


def test_the_float_model_goes_where_the_student_is():
    """Without a GPU the meta device stands for one: what is on the CPU can't be mixed with it."""
    from recipec_quantize._qat import _loss

    params = QuantizationAwareTraining.params.model_validate({**SHORT, "distill": 0.5})
    x, y = batch().to("meta"), torch.from_numpy(labelled().labels).to("meta")
    loss, logits = _loss(params, nets.build("Residual"))(nets.build("Residual").to("meta"), (x,), y)
    assert loss.device.type == logits.device.type == "meta"


def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path, make):
    """From a checkpoint of the first epoch, after which ranges are frozen."""
    from recipec.api import OperatorError
    from recipec.testing import AloneRunContext

    contract = TestQuantizationAwareTraining()
    inputs = contract.example_artifacts(tmp_path)
    operator = QuantizationAwareTraining(
        QuantizationAwareTraining.params.model_validate({**SHORT, "freeze": 0.3})
    )

    class Killed(AloneRunContext):
        def progress(self, done, total, what):
            if what.startswith("epoch 2"):
                raise OperatorError("killed")

    folder = tmp_path / "stage"
    with pytest.raises(OperatorError, match="killed"):
        operator.run(inputs, Killed(folder, operator))
    context = AloneRunContext(folder, operator)
    result = operator.run(inputs, context)
    assert any("went on from the checkpoint" in note for note in result.notes)
    undisturbed = AloneRunContext(tmp_path / "other", operator)
    operator.run(inputs, undisturbed)
    assert context.path_for("model").read_bytes() == undisturbed.path_for("model").read_bytes()
