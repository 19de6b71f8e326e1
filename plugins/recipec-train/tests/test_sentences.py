"""Models with several inputs, of integers: token ids and a mask, matched by name."""

from pathlib import Path

import pytest

from recipec.testing import RunContract
from recipec_train.fit import Fit

pytestmark = pytest.mark.frameworks


def sentences(folder: Path):
    from train_examples.making import SENTENCES, refer_to_sentences, save_model

    folder.mkdir(exist_ok=True)
    return {
        "model": save_model(folder / "model", "Words", inputs=SENTENCES),
        "data": refer_to_sentences(folder / "train.json", 300),
    }


class TestFitSentences(RunContract):
    operator = Fit
    uses_scratch = True

    def good_params(self):
        return {"data": "train", "epochs": 2, "gradual_pruning": {"final": "50%", "every": 3}}

    def example_facts(self):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            made = sentences(Path(folder))
        return {port: artifact.facts for port, artifact in made.items()}

    def example_artifacts(self, folder: Path):
        return sentences(folder)


def test_a_transformer_equals_a_plain_loop(tmp_path):
    import torch
    import torch.nn.functional as F  # noqa: N812

    from recipec.api.data import open_samples
    from recipec.api.torch import load_module, reproducible
    from recipec.api.training._batches import sample_order
    from recipec.testing import AloneRunContext

    inputs = sentences(tmp_path)
    params = {"data": "train", "epochs": 3, "optimizer": {"name": "sgd", "lr": 0.3}}
    params |= {"schedule": {"name": "constant"}}
    operator = Fit(Fit.params.model_validate(params))
    context = AloneRunContext(tmp_path, operator)
    result = operator.run(inputs, context)

    batch = open_samples(inputs["data"]).take(range(300))
    ids, mask = (torch.from_numpy(batch.inputs[name]) for name in ("ids", "mask"))
    labels = torch.from_numpy(batch.labels)
    module = load_module(inputs["model"].path).train()
    optimizer = torch.optim.SGD(module.parameters(), 0.3, momentum=0.9, weight_decay=5e-4)
    with reproducible(0, 1):
        for epoch in range(3):
            total = 0.0
            for rows in sample_order(0, epoch, 300).split(32):
                optimizer.zero_grad()
                logits = module(ids[rows], mask[rows])
                loss = F.cross_entropy(logits, labels[rows], label_smoothing=0.1)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)

    made = load_module(context.path_for("model")).state_dict()
    for name, value in module.state_dict().items():
        assert (made[name] - value).abs().max() <= 1e-6
    metrics = {m.name: m.value for m in result.metrics}
    assert metrics["loss.train"] == pytest.approx(total / 300, abs=1e-6)
    assert metrics["accuracy.train"] > 0.9
