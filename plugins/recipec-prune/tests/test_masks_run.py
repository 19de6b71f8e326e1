"""What operators that set weights to zero make: nothing but zeros, exactly as many as planned."""

import pytest
import torch
from pydantic import ValidationError

from prune_examples.making import changed, forgetful, net, prune, save_net
from recipec.api import UNKNOWN, OperatorError
from recipec.api.torch import read_safetensors, read_structure
from recipec.testing import RunContract
from recipec_prune.semi_structured import SemiStructured
from recipec_prune.structured import Structured
from recipec_prune.unstructured import Unstructured
from recipec_prune.whole import Global

pytestmark = pytest.mark.frameworks

EACH = [
    (Unstructured, {"amount": 0.5}),
    (Unstructured, {"amount": 0.5, "method": "random"}),
    (Global, {"amount": 0.5}),
    (Structured, {"amount": 0.5}),
    (SemiStructured, {}),
]


class MaskContract(RunContract):
    def example_facts(self):
        return {"model": net("Perceptron")[2]}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "net", "Perceptron")}


class TestUnstructured(MaskContract):
    operator = Unstructured

    def good_params(self):
        return {"amount": "50%", "method": "random"}


class TestGlobal(MaskContract):
    operator = Global

    def good_params(self):
        return {"count": 100}


class TestStructured(MaskContract):
    operator = Structured

    def good_params(self):
        return {"amount": 0.5, "n": 1}


class TestSemiStructured(MaskContract):
    operator = SemiStructured

    def good_params(self):
        return {"pattern": "2:4"}


@pytest.mark.parametrize(("operator", "params"), EACH)
@pytest.mark.parametrize("name", ["Convolutional", "Encoder"])
def test_no_mask_is_left_and_nothing_else_is_changed(operator, params, name, tmp_path):
    given = save_net(tmp_path / "net", name)
    made = prune(operator, tmp_path, given, **params)
    before, after = (
        read_safetensors(path / "weights.safetensors") for path in (given.path, made.model.path)
    )
    assert list(after) == list(before)  # no `weight_orig`, no mask
    assert read_structure(made.model.path) == read_structure(given.path)
    for name, weight in after.items():
        kept = weight != 0
        assert torch.equal(weight[kept], before[name][kept])
        assert not bool(weight[~kept].signbit().any())  # 0.0, not -0.0
    zeroed = sum(int((w == 0).sum()) for w in after.values())
    zeroed -= sum(int((w == 0).sum()) for w in before.values())
    assert zeroed > 0
    if operator is not Structured:
        assert made.result.changed == {"weights zeroed": zeroed}
    for module in made.module.modules():
        assert not module._forward_pre_hooks
        assert not hasattr(module, "parametrizations")


@pytest.mark.parametrize(("operator", "params"), EACH)
def test_pruned_again_nothing_changes(operator, params, tmp_path):
    given = save_net(tmp_path / "net", "Convolutional")
    once = prune(operator, tmp_path / "once", given, **params)
    again = prune(operator, tmp_path / "again", once.model, **params)
    assert again.model.digest == once.model.digest
    assert list(again.result.changed.values()) == [0]
    further = prune(operator, tmp_path / "x", forgetful(once.model), **params)
    assert further.model.digest == once.model.digest


@pytest.mark.parametrize("method", ["l1", "random"])
@pytest.mark.parametrize("operator", [Unstructured, Global])
def test_amounts_are_shares_of_all_weights_whatever_was_zero_before(operator, method, tmp_path):
    given = save_net(tmp_path / "net", "Perceptron")
    some = prune(operator, tmp_path / "a", given, amount=0.3, method=method)
    more = prune(operator, tmp_path / "b", forgetful(some.model), amount=0.6, method=method)
    assert more.metrics["pruned.sparsity"] == pytest.approx(0.6, abs=1e-3)
    assert some.result.changed["weights zeroed"] + more.result.changed["weights zeroed"] == sum(
        zeros for name, zeros in more.zeros().items() if name.endswith("weight")
    )
    for name, before in some.module.state_dict().items():
        assert not bool((more.module.state_dict()[name][before == 0] != 0).any())


@pytest.mark.parametrize("operator", [Unstructured, Global])
def test_a_promise_that_zeros_break_is_an_error(operator, tmp_path):
    given = save_net(tmp_path / "net", "Perceptron")
    most = prune(operator, tmp_path / "a", given, amount=0.8)
    with pytest.raises(OperatorError, match="zeros already, more than the") as caught:
        prune(operator, tmp_path / "b", forgetful(most.model), amount=0.5)
    assert caught.value.at == ("amount",)
    known = prune(operator, tmp_path / "c", most.model, amount=0.5)  # then the plan says so
    assert known.result.changed == {"weights zeroed": 0}


def test_the_split_of_a_global_threshold_is_told(tmp_path):
    given = save_net(tmp_path / "net", "Perceptron")
    small = changed(given, tmp_path / "small", {"fc.weight": torch.full((10, 20), 1e-3)})
    made = prune(Global, tmp_path, small, amount=0.5)
    assert made.metrics["pruned.sparsity.fc.weight"] == 1.0
    assert made.result.notes[0] == "fc.weight: 200 of 200 are zero (100.0%)"
    assert len(made.result.notes) == 3
    assert made.zeros()["fc.weight"] == 200
    every = sum(made.zeros()[f"{n}.weight"] for n in ("layers.1", "layers.3", "fc"))
    assert every == round(0.5 * (64 * 32 + 32 * 20 + 20 * 10))


def test_structured_zeroes_whole_channels(tmp_path):
    given = save_net(tmp_path / "net", "Convolutional")
    made = prune(Structured, tmp_path, given, amount=0.5, include=["conv"])
    weight = made.module.conv.weight
    gone = (weight == 0).flatten(1).all(1)
    assert int(gone.sum()) == 8
    assert int((weight == 0).sum()) == 8 * 8 * 9
    assert made.result.changed == {"channels zeroed": 8}
    assert made.metrics["channels.zero"] == 8


@pytest.mark.parametrize("n", [3, 20, 400, 10**400])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("dim", [0, 1])
def test_any_norm_ranks_channels_whatever_their_size(n, scale, dim, tmp_path):
    """Integers compute the sum of powers exactly, and that ranks as its root does."""
    given = save_net(tmp_path / "net", "Convolutional")
    values = torch.randint(1, 1000, (16, 8, 3, 3), generator=torch.Generator().manual_seed(1))
    sized = changed(given, tmp_path / "sized", {"conv.weight": values / 1000 * scale})
    made = prune(Structured, tmp_path, sized, amount=0.5, include=["conv"], n=n, dim=dim)
    gone = (made.module.conv.weight == 0).movedim(dim, 0).flatten(1).all(1)
    power = min(int(n), 10_000)
    exact = [sum(v**power for v in row) for row in values.movedim(dim, 0).flatten(1).tolist()]
    half = sorted(range(len(exact)), key=exact.__getitem__)[: len(exact) // 2]
    assert sorted(torch.nonzero(gone).flatten().tolist()) == sorted(half)


@pytest.mark.parametrize("n", [0, -1, 1.5, 1e308, float("nan"), float("inf"), "infinite"])
def test_what_is_no_norm_is_refused(n):
    with pytest.raises(ValidationError, match="n"):
        Structured.params.model_validate({"amount": 0.5, "n": n})


@pytest.mark.parametrize(
    ("first", "params"),
    [
        (Unstructured, {"amount": 0.5}),
        (Structured, {"amount": 0.25, "include": ["conv", "stem"]}),
        (SemiStructured, {"include": ["conv"]}),
        (Global, {"amount": 0.05}),
    ],
)
@pytest.mark.parametrize("amount", [0.1, 0.6])
def test_a_global_threshold_after_another_stage_is_planned_as_it_is_made(
    first, params, amount, tmp_path
):
    """Zeros that the plan of the stage before promises count, before anything has run."""
    given = save_net(tmp_path / "net", "Convolutional")
    before = prune(first, tmp_path / "a", given, **params)
    promised = before.planned.outputs["model"]
    made = prune(Global, tmp_path / "b", before.model._replace(facts=promised), amount=amount)
    zeroed = zeros_in(made.module) - zeros_in(before.module)
    assert made.result.changed == {"weights zeroed": zeroed}
    known = made.planned.changed["weights zeroed"]
    assert known == zeroed or (known is UNKNOWN and first in (Global, Structured, SemiStructured))
    if first is Unstructured:
        every = sum(w.numel() for w in matrices(made.module))
        assert zeroed == max(0, round(amount * every) - zeros_in(before.module))


def matrices(module):
    return [weight for weight in module.parameters() if weight.dim() > 1]


def zeros_in(module):
    return sum(int((weight == 0).sum()) for weight in matrices(module))


def test_the_pattern_is_checked_in_what_was_saved(tmp_path):
    given = save_net(tmp_path / "net", "Encoder")
    made = prune(SemiStructured, tmp_path, given)
    checked = 0
    for layer in [*(m for x in made.module.layers for m in (x.up, x.down)), made.module.fc]:
        groups = layer.weight.reshape(-1, 4)
        assert bool((groups.count_nonzero(1) <= 2).all())
        checked += len(groups)
    out = [x.attention.out_proj.weight.reshape(-1, 4) for x in made.module.layers]
    assert all(bool((groups.count_nonzero(1) <= 2).all()) for groups in out)
    checked += sum(map(len, out))
    assert made.metrics["groups.checked"] == checked
    assert made.result.notes == (f"2:4 holds in all {checked:,} groups of what was saved",)


def test_groups_that_were_sparse_already_keep_their_zeros(tmp_path):
    given = save_net(tmp_path / "net", "Perceptron")
    weight = torch.ones(10, 20)
    weight[:, 1:4] = 0
    sparse = changed(given, tmp_path / "sparse", {"fc.weight": weight})
    made = prune(SemiStructured, tmp_path, sparse, include=["fc"])
    assert made.zeros()["fc.weight"] == 10 * 3 + 10 * 4 * 2
    assert made.result.changed == {"weights zeroed": 80}


def test_tied_weights_stay_tied(tmp_path):
    given = save_net(tmp_path / "net", "Tied")
    made = prune(Unstructured, tmp_path, given, amount=0.5)
    assert made.planned.warnings == (
        "decoder.weight is shared with embedding: its zeros are there too",
    )
    module = made.module
    assert module.decoder.weight is module.embedding.weight
    assert int((module.embedding.weight == 0).sum()) == 80


@pytest.mark.parametrize(("operator", "params"), EACH)
def test_weights_that_are_not_finite_cannot_be_ranked(operator, params, tmp_path):
    given = save_net(tmp_path / "net", "Convolutional")
    broken = changed(given, tmp_path / "nan", {"conv.weight": torch.tensor(float("nan"))})
    with pytest.raises(OperatorError, match=r"conv\.weight holds values that aren't finite"):
        prune(operator, tmp_path, broken, **params)
