"""What `arch.compound_scale` plans and makes: the builder called again, with other arguments."""

import pytest
import torch

from recipec.api import UNKNOWN, Built, OperatorError, TorchModule
from recipec.api.torch import load_module, module_facts, read_structure
from recipec.testing import AlonePlanContext, RunContract, artifact, run_alone
from recipec_arch.compound import CompoundScale
from recipec_arch.separable import DepthwiseSeparable

pytestmark = pytest.mark.frameworks

TWICE_AS_DEEP = {"phi": 1, "alpha": 2, "beta": 1, "gamma": 1}


def save_net(*arguments, **more):
    from arch_examples.making import save_net as save

    return save(*arguments, **more)


def plan(folder, given, **params):
    operator = CompoundScale(CompoundScale.params.model_validate(params))
    return operator.plan({"model": given.facts}, AlonePlanContext(folder))


class TestCompoundScale(RunContract):
    operator = CompoundScale

    def example_facts(self):
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            return {"model": save_net(Path(folder) / "net", "Stack", depth=2).facts}

    def example_artifacts(self, folder):
        return {"model": save_net(folder / "given", "Stack", depth=2)}

    def good_params(self):
        return {"phi": 1}


def test_depth_width_and_resolution_grow_by_their_powers(change, tmp_path):
    given = save_net(tmp_path / "net", "Stack", depth=2.0)
    made, _, planned = change(CompoundScale, given, phi=2, resolution_multiple=2)
    structure = read_structure(made.path)
    assert structure.arguments == {"depth": 2.0 * 1.2**2, "width": 1.1**2}
    assert structure.inputs[0].shape == ("N", 3, 10, 10)  # 8 × 1.15² is 10.58
    assert planned.effects[:3] == (
        "depth × 1.44: depth 2 → 2.88",
        "width × 1.21: width 1 → 1.21",
        "resolution × 1.322: x: [N, 3, 8, 8] float32 → x: [N, 3, 10, 10] float32",
    )
    assert planned.changed == {"arguments and inputs scaled": 3}


def test_it_is_what_the_builder_itself_makes_with_the_seed(change, tmp_path):
    from arch_examples.nets import Stack

    given = save_net(tmp_path / "net", "Stack", depth=2)
    made, _, _ = change(CompoundScale, given, seed=5, **TWICE_AS_DEEP)
    torch.manual_seed(5)
    reference = Stack(depth=4).state_dict()
    ours = load_module(made.path).state_dict()
    assert ours.keys() == reference.keys()
    assert all(torch.equal(ours[name], tensor) for name, tensor in reference.items())


def test_counts_and_lists_of_counts_are_rounded(change, tmp_path):
    given = save_net(tmp_path / "net", "Stack", blocks=[1, 2], channels=[16, 24])
    made, _, _ = change(
        CompoundScale,
        given,
        phi=1,
        alpha=1.4,
        beta=1.2,
        gamma=1,
        depth_argument="blocks",
        width_argument="channels",
    )
    assert read_structure(made.path).arguments == {"blocks": [2, 3], "channels": [24, 32]}


def test_a_residual_network_of_the_zoo_keeps_to_its_depths(change, tmp_path):
    from arch_examples.making import save

    given = save(tmp_path / "net", "recipec_torch.zoo:resnet", 1, 8, 8, depth=8)
    how = {"alpha": 1.4, "beta": 1.2, "gamma": 1, "depth_multiple": 6, "depth_plus": 2}
    made, _, _ = change(CompoundScale, given, phi=2, **how)
    assert read_structure(made.path).arguments == {"depth": 20, "width": 24}


def test_a_multiplier_that_is_written_as_a_whole_number_is_one_all_the_same(tmp_path):
    from arch_examples.making import save

    given = save(tmp_path / "net", "recipec_torch.zoo:mobilenet", 1, 8, 8, width=1)
    planned = plan(tmp_path, given, phi=1, gamma=1, alpha=1.4, beta=1.2)
    assert "width × 1.2: width 1 → 1.2" in planned.effects


def test_a_model_can_be_scaled_again_and_back(tmp_path):
    given = save_net(tmp_path / "net", "Stack", depth=2.0)
    grown = plan(tmp_path, given, phi=1, alpha=2, beta=1, gamma=1).outputs["model"]
    assert grown.built == Built(builder="arch_examples.nets:Stack", arguments={"depth": 4.0})
    back = plan(tmp_path, artifact(grown, given.path), phi=-1, alpha=2, beta=1, gamma=1).outputs[
        "model"
    ]
    assert back.layers == given.facts.layers.without_zeros()


def test_nothing_changes_at_phi_0(tmp_path):
    planned = plan(tmp_path, save_net(tmp_path / "net", "Stack"), phi=0)
    assert planned.changed == {"arguments and inputs scaled": 0}
    assert planned.outputs["model"].layers.macs > 0


@pytest.mark.parametrize("wrong", [{"alpha": 1.5}, {"gamma": 1}, {"beta": 2}])
def test_what_does_not_double_the_work_is_an_error_unless_it_is_stated(wrong, tmp_path):
    given = save_net(tmp_path / "net", "Stack")
    with pytest.raises(OperatorError, match=r"alpha·beta²·gamma² is .*, and not 2 within 10%"):
        plan(tmp_path, given, phi=1, **wrong)
    assert plan(tmp_path, given, phi=1, tolerance=1.0, **{**wrong, "beta": 1.1}).changed


def test_an_argument_that_the_builder_has_not_is_an_error_at_its_name(tmp_path):
    given = save_net(tmp_path / "net", "Stack")
    with pytest.raises(OperatorError, match="no argument 'layers'") as caught:
        plan(tmp_path, given, phi=1, depth_argument="layers")
    assert caught.value.at == ("depth_argument",)
    assert "depth, width, blocks" in caught.value.hint
    assert "`alpha: 1` leaves it" in caught.value.hint
    with pytest.raises(OperatorError, match="'stack' is neither a number") as caught:
        plan(tmp_path, given, phi=1, width_argument="name")
    assert caught.value.at == ("width_argument",)


def test_a_builder_that_takes_the_size_of_images_is_told_it(tmp_path):
    given = save_net(tmp_path / "net", "Stack")
    planned = plan(tmp_path, given, phi=2, resolution_argument="size")
    assert planned.outputs["model"].built.arguments["size"] == 11
    assert planned.outputs["model"].inputs[0].shape == ("N", 3, 11, 11)


def test_a_model_without_images_has_no_resolution(tmp_path):
    given = save_net(tmp_path / "net", "Reader")
    with pytest.raises(OperatorError, match=r"takes no images.*x: \[N, 8, 6\]") as caught:
        plan(tmp_path, given, phi=1, alpha=1, beta=1, gamma=1.4)
    assert caught.value.at == ("gamma",)


def test_a_changed_model_cannot_be_built_again(change, tmp_path):
    given = save_net(tmp_path / "net", "Stack")
    changed, _, planned = change(DepthwiseSeparable, given)
    as_planned = artifact(planned.outputs["model"], changed.path)
    with pytest.raises(OperatorError, match=r"was changed since it was built \(layers"):
        plan(tmp_path, as_planned, phi=1)
    operator = CompoundScale(CompoundScale.params.model_validate({"phi": 1}))
    with pytest.raises(OperatorError, match="was changed since it was built"):
        run_alone(operator, {"model": changed}, tmp_path / "run")


def test_a_model_of_which_no_builder_is_known_cannot_be_scaled(tmp_path):
    given = save_net(tmp_path / "net", "Stack")
    unknown = artifact(given.facts.model_copy(update={"built": UNKNOWN}), given.path)
    with pytest.raises(OperatorError, match="which builder makes this model isn't known"):
        plan(tmp_path, unknown, phi=1)


def test_who_built_a_model_is_no_fact_that_what_is_made_could_contradict(tmp_path):
    given = save_net(tmp_path / "net", "Stack")
    made = module_facts(load_module(given.path), given.facts.inputs)
    assert (made.built, given.facts.built != UNKNOWN) == (UNKNOWN, True)
    assert list(given.facts.contradictions(made)) == []
    assert list(TorchModule().contradictions(made)) == []
