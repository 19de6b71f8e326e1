"""What the plan of `train.fit` says, and what it refuses: all without a framework."""

from pathlib import Path

import pytest

from recipec.api import (
    UNKNOWN,
    DataSamples,
    Layer,
    LayerTable,
    OperatorError,
    Tensor,
    TensorSpec,
    TorchModule,
)
from recipec.testing import AlonePlanContext
from recipec_train.fit import Fit

IMAGES = TensorSpec(name="x", shape=("N", 1, 8, 8))
TABLE = LayerTable(
    layers=(
        Layer(
            name="fc",
            type="Linear",
            tensors=(Tensor(name="weight", shape=(10, 64), dtype="float32", zeros=320),),
            positions=1,
        ),
    )
)
MODEL = TorchModule(
    inputs=(IMAGES,),
    outputs=(TensorSpec(name="output", shape=("N", 10)),),
    layers=TABLE,
    precision="fp32",
)
DATA = DataSamples(count=1017, inputs=(IMAGES,), classes=10, split="train")


def plan(params=None, model=MODEL, data=DATA, **more):
    operator = Fit(Fit.params.model_validate({"data": "train", "epochs": 12, **(params or {})}))
    inputs = {"model": model, "data": data, **more}
    return operator.plan(inputs, AlonePlanContext(Path("unused")))


def refused(params=None, **inputs) -> OperatorError:
    with pytest.raises(OperatorError) as raised:
        plan(params, **inputs)
    return raised.value


def changed(facts, **update):
    return facts.model_copy(update=update)


def test_structure_stays_and_so_do_the_zeros_that_are_kept():
    made = plan().outputs["model"]
    assert made == MODEL
    assert made.layers.layers[0].tensors[0].zeros == 320


@pytest.mark.parametrize("zeros", [0, 640, UNKNOWN], ids=["none", "all", "unknown"])
def test_other_zeros_are_unknown_after_training(zeros):
    assert trained_zeros(zeros, keep_zeros=True) is UNKNOWN


def test_zeros_that_are_not_kept_are_unknown_after_training():
    assert trained_zeros(320, keep_zeros=False) is UNKNOWN


def trained_zeros(zeros, **params):
    layer = TABLE.layers[0]
    table = TABLE.with_layers((layer.with_tensors((changed(layer.tensors[0], zeros=zeros),)),))
    made = plan(params, model=changed(MODEL, layers=table)).outputs["model"]
    return made.layers.layers[0].tensors[0].zeros


def test_the_effects_say_how_long_it_trains():
    assert plan().effects[0] == "12 epochs × 1017 samples = 384 steps of 32"


def test_steps_instead_of_epochs():
    effects = plan({"epochs": None, "steps": 100}).effects
    assert effects[0] == "100 steps of 32 = 3.1 passes over 1017 samples"


def test_a_count_that_is_not_known_yet_leaves_the_steps_open():
    assert plan(data=changed(DATA, count=UNKNOWN)).effects[0] == "12 epochs of batches of 32"


@pytest.mark.parametrize(
    ("params", "at"), [({"epochs": None}, ()), ({"epochs": 1, "steps": 5}, ("steps",))]
)
def test_either_epochs_or_steps(params, at):
    assert refused(params).at == at


def test_early_stop_needs_validation_data():
    assert refused({"early_stop": {"patience": 2}}).at == ("early_stop",)


def test_data_without_labels_is_refused():
    assert refused(data=changed(DATA, classes=None)).at == ("data",)
    error = refused({"validation": "v"}, validation=changed(DATA, classes=None))
    assert error.at == ("validation",)


def test_data_of_another_shape_is_refused():
    wide = TensorSpec(name="x", shape=("N", 1, 28, 28))
    error = refused(data=changed(DATA, inputs=(wide,)))
    assert error.at == ("data",)
    assert "x: [N, 1, 8, 8] float32" in error.message
    assert "x: [N, 1, 28, 28] float32" in error.message


def test_more_classes_than_outputs_are_refused():
    error = refused(data=changed(DATA, classes=12))
    assert error.at == ("data",)
    assert "12 classes" in error.message
    assert "10 outputs" in error.message


def test_fewer_classes_than_outputs_are_a_warning():
    assert plan(data=changed(DATA, classes=7)).warnings == (
        "the model has 10 outputs, the data 7 classes",
    )


def test_a_model_that_gives_more_than_logits_is_refused():
    boxes = TensorSpec(name="boxes", shape=("N", 100, 4))
    assert "boxes: [N, 100, 4]" in refused(model=changed(MODEL, outputs=(boxes,))).message


def test_a_half_precision_model_is_refused():
    assert "bf16" in refused(model=changed(MODEL, precision="bf16")).message


def test_augmentation_needs_images():
    features = changed(DATA, inputs=(TensorSpec(name="x", shape=("N", 64)),))
    model = changed(MODEL, inputs=features.inputs)
    assert refused({"augment": {"shift": 1}}, data=features, model=model).at == ("augment",)
    assert plan({}, data=features, model=model).warnings == ()


def test_it_learns_from_its_data_and_from_validation_data_only_when_it_stops_by_it():
    watched = plan({"validation": "v"}, validation=DATA).learns_from
    assert {port: learning.how for port, learning in watched.items()} == {"data": "trains"}
    stopped = plan({"validation": "v", "early_stop": {}}, validation=DATA).learns_from
    assert stopped["validation"].how == "selects"


def test_a_gpu_is_a_requirement_when_it_is_asked_for():
    assert [r.spec for r in plan({"device": "cuda"}).requires] == ["cuda"]
    assert plan().requires == ()


def test_a_sample_costs_three_times_its_forward_pass():
    assert plan({"epochs": 2}).work == 3 * 2 * 1017 * TABLE.macs


def test_steps_count_by_their_batches():
    assert plan({"epochs": None, "steps": 10, "batch_size": 16}).work == 3 * 160 * TABLE.macs


def test_validation_costs_a_forward_pass_after_each_epoch():
    validation = DATA.model_copy(update={"count": 180, "split": "validation"})
    planned = plan({"epochs": 2, "validation": "validation"}, validation=validation)
    assert planned.work == (3 * 2 * 1017 + 2 * 180) * TABLE.macs


@pytest.mark.parametrize(
    "inputs",
    [
        {"model": MODEL.model_copy(update={"layers": UNKNOWN})},
        {"data": DATA.model_copy(update={"count": UNKNOWN})},
    ],
)
def test_what_is_not_known_yet_makes_the_work_unknown(inputs):
    assert plan(**inputs).work is None
