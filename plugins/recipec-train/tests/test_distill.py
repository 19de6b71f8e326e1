"""Distillation equals its closed form and a plain loop, and leaves the teacher as it was."""

import math
from pathlib import Path

import pytest

from recipec.testing import AloneRunContext, RunContract
from recipec_train.distill import Distill

pytestmark = pytest.mark.frameworks


def pair(folder: Path, teacher="Cnn", change=None, student="Mlp", **arguments):
    """A student, a teacher, some labelled data and some more without labels."""
    from train_examples.making import refer_to_digits, save_model

    folder.mkdir(exist_ok=True)
    return {
        "model": save_model(folder / "student", student, hidden=16),
        "teacher": save_model(folder / "teacher", teacher, change, **arguments),
        "data": refer_to_digits(folder / "train.json", 0, 90),
        "transfer": refer_to_digits(folder / "rest.json", 90, 100, labels=False),
    }


class TestDistill(RunContract):
    operator = Distill
    uses_scratch = True

    def good_params(self):
        return {"data": "train", "transfer": "rest", "epochs": 2, "temperature": 2.0}

    def example_facts(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            made = pair(Path(folder))
        return {port: artifact.facts for port, artifact in made.items()}

    def example_artifacts(self, folder: Path):
        return pair(folder)


def test_the_loss_is_the_closed_form():
    """Written out in Python's own floats, class by class."""
    import torch

    from recipec_train._distillation import distillation_loss

    torch.manual_seed(0)
    student, teacher = torch.randn(5, 4) * 3, torch.randn(5, 4) * 5
    labels = torch.tensor([0, -1, 3, 2, -1])
    t, alpha = 4.0, 0.7
    made = distillation_loss(student, teacher, labels, temperature=t, alpha=alpha)

    def softmax(logits, t):
        powers = [math.exp(z / t) for z in logits]
        return [p / sum(powers) for p in powers]

    total = 0.0
    for s, q, label in zip(student.tolist(), teacher.tolist(), labels.tolist(), strict=True):
        soft, target = softmax(s, t), softmax(q, t)
        kl = sum(p * math.log(p / o) for p, o in zip(target, soft, strict=True))
        total += alpha * t**2 * kl
        if label >= 0:
            total += (1 - alpha) * -math.log(softmax(s, 1)[label])
    assert made.item() == pytest.approx(total / 5, abs=1e-6)


def test_with_labels_everywhere_it_is_torch_s_batchmean_and_cross_entropy():
    import torch
    import torch.nn.functional as F  # noqa: N812

    from recipec_train._distillation import distillation_loss

    torch.manual_seed(1)
    student, teacher = torch.randn(32, 10), torch.randn(32, 10)
    labels = torch.randint(10, (32,))
    made = distillation_loss(
        student, teacher, labels, temperature=2.5, alpha=0.4, label_smoothing=0.1
    )
    soft = F.kl_div(
        F.log_softmax(student / 2.5, 1), F.softmax(teacher / 2.5, 1), reduction="batchmean"
    )
    hard = F.cross_entropy(student, labels, label_smoothing=0.1)
    wanted = 0.4 * 2.5**2 * soft + 0.6 * hard
    assert made.item() == pytest.approx(wanted.item(), abs=1e-6)


@pytest.mark.parametrize("student", ["Mlp", "Rows"])
def test_it_equals_a_plain_loop(student, tmp_path):
    """A convolutional teacher with batch normalization and dropout, and a perceptron or an LSTM; 90
    samples of 190 are labelled."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module, reproducible
    from recipec.api.training._batches import sample_order

    inputs = pair(tmp_path, student=student)
    params = {"data": "train", "transfer": "rest", "epochs": 3, "schedule": {"name": "constant"}}
    operator = Distill(Distill.params.model_validate(params))
    context = AloneRunContext(tmp_path, operator)
    result = operator.run(inputs, context)

    batches = [
        open_samples(inputs[place]).take(range(n)) for place, n in (("data", 90), ("transfer", 100))
    ]
    x = torch.cat([torch.from_numpy(batch.inputs["x"]) for batch in batches])
    y = torch.cat([torch.from_numpy(batches[0].labels), torch.full((100,), -1)])
    student, teacher = (load_module(inputs[port].path) for port in ("model", "teacher"))
    student.train()
    optimizer = torch.optim.SGD(student.parameters(), 0.1, momentum=0.9, weight_decay=5e-4)
    with reproducible(0, 1):
        for epoch in range(3):
            total = 0.0
            for rows in sample_order(0, epoch, 190).split(32):
                optimizer.zero_grad()
                with torch.no_grad():
                    answers = teacher(x[rows])
                logits = student(x[rows])
                soft = F.kl_div(
                    F.log_softmax(logits / 4, 1), F.softmax(answers / 4, 1), reduction="batchmean"
                )
                there = y[rows] >= 0
                hard = F.cross_entropy(logits[there], y[rows][there], reduction="sum") / len(rows)
                loss = 0.7 * 4**2 * soft + 0.3 * hard
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)
    made = load_module(context.path_for("model")).state_dict()
    for name, value in student.state_dict().items():
        assert (made[name] - value).abs().max() <= 1e-6
    metrics = {m.name: m for m in result.metrics}
    assert metrics["loss.train"].value == pytest.approx(total / 190, abs=1e-6)
    assert metrics["loss.train"].count == 190
    assert metrics["accuracy.train"].count == 90, "samples without labels have no accuracy"


def test_the_teacher_stays_as_it_is_to_the_bit(tmp_path, monkeypatch):
    """Its batch normalization sees the data, and mustn't learn from it."""
    import torch

    from recipec.api.digests import digest_path
    from recipec.api.torch import load_module
    from recipec_train import _distill

    inputs = pair(tmp_path)
    loaded = []
    monkeypatch.setattr(
        _distill, "load_module", lambda path: loaded.append(load_module(path)) or loaded[-1]
    )
    operator = Distill(Distill.params.model_validate({"data": "train", "epochs": 2}))
    operator.run(
        {name: inputs[name] for name in ("model", "teacher", "data")},
        AloneRunContext(tmp_path, operator),
    )
    student, teacher = loaded
    before = load_module(inputs["teacher"].path).state_dict()
    for name, value in teacher.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert not teacher.training
    assert all(p.grad is None and not p.requires_grad for p in teacher.parameters())
    assert not torch.equal(student.first.weight, load_module(inputs["model"].path).first.weight)
    assert digest_path(inputs["teacher"].path) == inputs["teacher"].digest


def test_only_the_teacher_counts_for_unlabelled_data(tmp_path):
    """Two sets of labels under the transfer data: the same student."""
    from recipec.api.digests import digest_path
    from train_examples.making import refer_to_digits

    inputs = pair(tmp_path)
    labelled = refer_to_digits(tmp_path / "labelled.json", 90, 100)
    digests = set()
    for number, transfer in enumerate((inputs["transfer"], labelled)):
        operator = Distill(
            Distill.params.model_validate({"data": "train", "transfer": "rest", "epochs": 1})
        )
        context = AloneRunContext(tmp_path / str(number), operator)
        operator.run({**inputs, "transfer": transfer}, context)
        digests.add(digest_path(context.path_for("model")))
    assert len(digests) == 1


def test_without_any_label_the_student_follows_the_teacher(tmp_path):
    import torch

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module

    inputs = pair(tmp_path, "Mlp", lambda module: module.last.weight.mul_(20), seed=3)
    inputs["data"] = inputs.pop("transfer")
    params = {"data": "train", "epochs": 60, "alpha": "100%"}
    operator = Distill(Distill.params.model_validate(params))
    context = AloneRunContext(tmp_path, operator)
    result = operator.run(inputs, context)
    assert [m.name for m in result.metrics] == ["loss.train", "epochs", "steps"]
    x = torch.from_numpy(open_samples(inputs["data"]).take(range(100)).inputs["x"])
    models = [load_module(p) for p in (context.path_for("model"), inputs["teacher"].path)]
    with torch.no_grad():
        student, teacher = (model(x).argmax(1) for model in models)
    assert (student == teacher).float().mean() > 0.7  # chance: a fifth


def test_a_teacher_that_turns_out_to_have_other_classes_is_refused(tmp_path):
    from recipec.api import OperatorError

    inputs = pair(tmp_path, teacher="Mlp", classes=12)
    operator = Distill(Distill.params.model_validate({"data": "train", "epochs": 1}))
    inputs.pop("transfer")
    with pytest.raises(OperatorError, match="the teacher has 12 classes, the student 10"):
        operator.run(inputs, AloneRunContext(tmp_path, operator))


def test_a_transformer_learns_from_one_that_takes_its_inputs_in_another_order(tmp_path):
    from recipec.api.torch import load_module
    from train_examples.making import SENTENCES, refer_to_sentences, save_model

    inputs = {
        "model": save_model(tmp_path / "student", "Words", inputs=SENTENCES, width=4),
        "teacher": save_model(tmp_path / "teacher", "MaskFirst", inputs=SENTENCES[::-1]),
        "data": refer_to_sentences(tmp_path / "train.json", 100),
    }
    operator = Distill(Distill.params.model_validate({"data": "train", "epochs": 1}))
    context = AloneRunContext(tmp_path, operator)
    operator.run(inputs, context)
    assert load_module(context.path_for("model")).embedding.weight.shape == (20, 4)


def test_half_precision_student_whole_teacher(tmp_path):
    inputs = pair(tmp_path)
    params = {"data": "train", "transfer": "rest", "steps": 12}
    losses = []
    for precision in ("32-true", "bf16-mixed"):
        operator = Distill(Distill.params.model_validate({**params, "precision": precision}))
        result = operator.run(inputs, AloneRunContext(tmp_path / precision, operator))
        losses.append({m.name: m.value for m in result.metrics}["loss.train"])
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)


def test_a_teacher_goes_where_the_student_s_inputs_are():
    """Without a GPU the meta device stands for one: what is on the CPU can't be mixed with it."""
    import torch

    from recipec.api.training import Teacher

    module = torch.nn.Linear(3, 2)
    teacher = Teacher(module, order=(1,))
    assert teacher((torch.ones(4, 9), torch.ones(4, 3))).device.type == "cpu"
    answers = teacher((torch.ones(4, 9), torch.ones(4, 3, device="meta")))
    assert answers.device.type == "meta"
    assert not answers.requires_grad
    assert not module.weight.requires_grad
    assert not module.training
