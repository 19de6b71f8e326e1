"""What the plan of `train.distill` says, and what it refuses: all without a framework."""

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
from recipec_train.distill import Distill

IMAGES = TensorSpec(name="x", shape=("N", 1, 8, 8))
DATA = DataSamples(count=120, inputs=(IMAGES,), classes=10, split="train")
REST = DataSamples(count=897, inputs=(IMAGES,), classes=None, split="train")


def model(width, classes=10, inputs=(IMAGES,)):
    weight = Tensor(name="weight", shape=(classes, width), dtype="float32", zeros=0)
    return TorchModule(
        inputs=inputs,
        outputs=(TensorSpec(name="output", shape=("N", classes)),),
        layers=LayerTable(
            layers=(Layer(name="fc", type="Linear", tensors=(weight,), positions=1),)
        ),
        precision="fp32",
    )


STUDENT, TEACHER = model(8), model(64)


def plan(params=None, student=STUDENT, teacher=TEACHER, data=DATA, **more):
    given = {"data": "train", "steps": 100, **(params or {})}
    operator = Distill(Distill.params.model_validate(given))
    inputs = {"model": student, "teacher": teacher, "data": data, **more}
    return operator.plan(inputs, AlonePlanContext(Path("unused")))


def refused(params=None, **inputs) -> OperatorError:
    with pytest.raises(OperatorError) as raised:
        plan(params, **inputs)
    return raised.value


def changed(facts, **update):
    return facts.model_copy(update=update)


def test_the_student_keeps_its_shape():
    made = plan().outputs["model"]
    assert made.layers.parameters == STUDENT.layers.parameters
    assert changed(made, layers=STUDENT.layers) == STUDENT


def test_the_effects_say_loss_and_length():
    assert plan({"transfer": "rest"}, transfer=REST).effects == (
        "100 steps of 32 = 3.1 passes over 1017 samples",
        "sgd, lr 0.1, one_cycle; 0.7 · T² · KL to the teacher at T = 4 + 0.3 · cross-entropy; "
        "32-true",
        "120 samples with labels, 897 that only the teacher answers",
    )


def test_it_learns_from_transfer_data_too():
    learns = plan({"transfer": "rest"}, transfer=REST).learns_from
    assert {port: learning.how for port, learning in learns.items()} == {
        "data": "trains",
        "transfer": "trains",
    }


def test_the_teacher_s_forward_pass_is_work_too():
    validation = changed(DATA, count=50, split="validation")
    planned = plan({"steps": None, "epochs": 2, "validation": "v"}, validation=validation)
    assert planned.work == 2 * 120 * (3 * 80 + 640) + 2 * 50 * (80 + 640)


def test_a_teacher_with_other_classes_is_refused():
    assert refused(teacher=model(64, 12)).message == "the teacher has 12 classes, the student 10"


def test_a_teacher_that_gives_no_logits_is_refused():
    boxes = (TensorSpec(name="boxes", shape=("N", 100, 4)),)
    assert "boxes: [N, 100, 4]" in refused(teacher=changed(TEACHER, outputs=boxes)).message


def test_a_teacher_in_another_precision_is_refused():
    assert "bf16" in refused(teacher=changed(TEACHER, precision="bf16")).message


def test_a_teacher_that_cannot_read_the_data_is_refused():
    wide = (TensorSpec(name="x", shape=("N", 1, 28, 28)),)
    error = refused(teacher=model(64, inputs=wide))
    assert error.at == ("data",)
    assert error.message.startswith("the teacher can't read this data")


def test_a_teacher_s_inputs_are_found_among_the_student_s_by_name():
    ids, mask = (TensorSpec(name=n, shape=("N", 6), dtype="int64") for n in ("ids", "mask"))
    data = changed(DATA, inputs=(ids, mask))
    plan(student=model(8, inputs=(ids, mask)), teacher=model(64, inputs=(mask, ids)), data=data)
    error = refused(
        student=model(8, inputs=(ids,)), teacher=model(64, inputs=(ids, mask)), data=data
    )
    assert "the teacher wants an input 'mask'" in error.message


def test_data_without_labels_is_refused_unless_only_the_teacher_counts():
    error = refused(data=REST)
    assert error.at == ("data",)
    assert "transfer" in error.hint
    assert plan({"alpha": "100%"}, data=REST).effects[1] == (
        "sgd, lr 0.1, one_cycle; 1 · T² · KL to the teacher at T = 4; 32-true"
    )


def test_transfer_data_of_another_shape_is_refused():
    wide = changed(REST, inputs=(TensorSpec(name="x", shape=("N", 1, 28, 28)),))
    assert refused({"transfer": "rest"}, transfer=wide).at == ("transfer",)


def test_the_parameters_of_every_training_are_checked():
    assert refused({"epochs": 1}).at == ("steps",)
    assert refused({"early_stop": {}}).at == ("early_stop",)
    assert refused({"augment": {"shift": 1}, "steps": 1}, **features()).at == ("augment",)
    assert "bf16" in refused(student=changed(STUDENT, precision="bf16")).message


def features():
    flat = (TensorSpec(name="x", shape=("N", 64)),)
    return {
        "data": changed(DATA, inputs=flat),
        "student": model(8, inputs=flat),
        "teacher": model(64, inputs=flat),
    }


def test_what_is_not_known_yet_stays_open():
    made = plan(
        {"transfer": "rest"},
        student=changed(STUDENT, layers=UNKNOWN),
        teacher=TorchModule(),
        transfer=changed(REST, count=UNKNOWN),
    )
    assert made.work is None
    assert made.effects[0] == "100 steps of 32"
    assert made.effects[-1] == "120 samples with labels, ? that only the teacher answers"


def test_a_student_can_be_pruned_on_the_way():
    made = plan({"gradual_pruning": {"final": "50%"}})
    assert made.outputs["model"].layers.layers[0].weight.zeros == 40
    assert made.changed == {"weights zeroed": 40}
