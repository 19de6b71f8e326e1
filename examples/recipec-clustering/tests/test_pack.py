"""Packed models: of the size that was planned, and with nothing lost."""

import pytest
import torch

from clustering_examples.making import change, example_facts, rounded, save_net
from recipec.api import OperatorError
from recipec.api.sessions import open_session
from recipec.api.torch import example_inputs, load_module
from recipec.testing import RunContract, artifact, run_alone
from recipec_clustering._bits import pack_bits, unpack_bits
from recipec_clustering._unpack import load_packed
from recipec_clustering.kmeans import KMeans
from recipec_clustering.pack import Pack
from recipec_clustering.unpack import Unpack

pytestmark = pytest.mark.frameworks


class TestPack(RunContract):
    operator = Pack

    def good_params(self):
        return {"bits": 4}

    def example_facts(self):
        return example_facts(self)

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "given", "Conv", rounded)}


class TestPackByItsValues(TestPack):
    def good_params(self):
        return {"exclude": ["fc"]}


class TestUnpack(RunContract):
    operator = Unpack

    def good_params(self):
        return {}

    def example_facts(self):
        return example_facts(self)

    def example_artifacts(self, folder):
        given = save_net(folder / "given", "Mlp", rounded)
        return {"model": change(Pack, given, folder, bits=4)[0]}


@pytest.mark.parametrize("bits", range(1, 9))
def test_what_is_packed_comes_back_and_has_the_planned_size(bits, tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    clustered, _, _ = change(KMeans, given, tmp_path, bits=bits)
    packed, result, planned = change(Pack, clustered, tmp_path, bits=bits)
    back, _, _ = change(Unpack, packed, tmp_path)
    before, after = load_module(clustered.path).state_dict(), load_module(back.path).state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    size = (packed.path / "codebooks.safetensors").stat().st_size
    assert planned.outputs["model"].file_bytes == size
    assert packed.size == size + (packed.path / "module.json").stat().st_size
    assert result.metrics[0].value == given.facts.layers.bytes / size


def test_a_codebook_says_how_often_each_value_occurs(tmp_path):
    given = save_net(tmp_path / "net", "Mlp", rounded)
    packed, _, _ = change(Pack, given, tmp_path, bits=4)
    for book in packed.facts.codebooks:
        values, counts = load_module(given.path).get_parameter(book.name).unique(return_counts=True)
        assert book.values == tuple(values.tolist())
        assert book.counts == tuple(counts.tolist())
        assert sum(book.counts) == book.elements


def test_without_bits_each_tensor_takes_as_few_as_it_needs(tmp_path):
    given = save_net(tmp_path / "net", "Conv")
    once, _, _ = change(KMeans, given, tmp_path / "once", bits=2, include=["conv"])
    twice, _, _ = change(KMeans, once, tmp_path / "twice", clusters=5, include=["fc"])
    packed, _, _ = change(Pack, twice, tmp_path)
    bits = {book.name: book.bits for book in packed.facts.codebooks}
    assert bits == {"conv.weight": 2, "fc.weight": 3}  # the stem's 108 values would take more


def test_without_bits_a_model_that_is_not_clustered_is_stored_as_it_is(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    packed, result, _ = change(Pack, given, tmp_path)
    assert packed.facts.codebooks == ()
    assert result.notes == ("no weight is clustered: all are stored as they are",)
    assert torch.equal(load_packed(packed.path).fc.weight, load_module(given.path).fc.weight)


def test_weights_that_are_not_clustered_are_an_error_that_names_them(tmp_path):
    given = save_net(tmp_path / "net", "Mlp")
    once, _, _ = change(KMeans, given, tmp_path, bits=4, include=["fc1"])
    with pytest.raises(OperatorError, match=r"fc\.weight has 480 different values") as raised:
        run_alone(Pack(Pack.params(bits=4)), {"model": once}, tmp_path / "run")
    assert raised.value.at == ("bits",)
    assert "exclude 'fc'" in raised.value.hint
    assert not (tmp_path / "run" / "made" / "model").exists()


def test_shared_weights_and_unsaved_buffers_come_back(tmp_path):
    given = save_net(tmp_path / "net", "Reader")
    clustered, _, _ = change(KMeans, given, tmp_path, bits=3)
    packed, _, _ = change(Pack, clustered, tmp_path, bits=3)
    module, expected = load_packed(packed.path), load_module(clustered.path)
    assert module.decoder.weight is module.embedding.weight
    ids = torch.arange(12).view(2, 6)
    with torch.no_grad():
        assert torch.equal(module(ids), expected(ids))


def test_a_packed_model_runs_as_the_module_does(tmp_path):
    given = save_net(tmp_path / "net", "Conv", rounded)
    packed, _, _ = change(Pack, given, tmp_path, bits=4)
    x = example_inputs(given.facts.inputs)
    outputs = []
    for model in (given, packed):
        session = open_session(model, threads=1)
        with session.active():
            outputs.append(session.fetch(session.run(session.feed([x[0].numpy()]))))
    assert (outputs[0] == outputs[1]).all()


def test_code_beside_a_builder_travels_along(tmp_path):
    given = save_net(tmp_path / "net", "Mlp", rounded)
    (given.path / "code").mkdir()
    (given.path / "code" / "net.py").write_text("from clustering_examples.nets import Mlp as Net\n")
    structure = (given.path / "module.json").read_text()
    (given.path / "module.json").write_text(
        structure.replace("clustering_examples.nets:Mlp", "net.py:Net")
    )
    packed, _, _ = change(Pack, artifact(given.facts, given.path), tmp_path, bits=4)
    back, _, _ = change(Unpack, packed, tmp_path)
    assert torch.equal(load_module(back.path).fc.weight, load_module(given.path).fc.weight)


def test_indices_that_do_not_fit_the_module_are_an_error(tmp_path):
    given = save_net(tmp_path / "net", "Mlp", rounded)
    packed, _, _ = change(Pack, given, tmp_path, bits=4)
    structure = packed.path / "module.json"
    structure.write_text(structure.read_text().replace("nets:Mlp", "nets:Conv"))
    with pytest.raises(OperatorError, match="indices of 'fc"):
        load_packed(packed.path)


@pytest.mark.parametrize("bits", range(1, 9))
@pytest.mark.parametrize("count", [1, 7, 8, 100, 1001])
def test_indices_are_packed_without_a_gap(bits, count):
    torch.manual_seed(count)
    indices = torch.randint(2**bits, (count,))
    packed = pack_bits(indices, bits)
    assert (packed.dtype, len(packed)) == (torch.uint8, -(-count * bits // 8))
    assert torch.equal(unpack_bits(packed, bits, count), indices)
