"""Planned = made for torchvision's models, in float and int8."""

from pathlib import Path

import pytest

from recipec.api import UNKNOWN, TensorSpec
from recipec.api.torch import SavedModule, load_exported, module_facts, save_module
from recipec.testing import artifact

pytestmark = [pytest.mark.frameworks, pytest.mark.slow]


def saved(folder: Path, builder: str, **arguments):
    import torch
    import torchvision

    specs = (TensorSpec(name="image", shape=("N", 3, 32, 32)),)
    torch.manual_seed(0)
    module = getattr(torchvision.models, builder)(**arguments).eval()
    structure = SavedModule(
        builder=f"torchvision.models:{builder}", arguments=arguments, inputs=specs
    )
    save_module(folder / builder, module, structure)
    return artifact(module_facts(module, specs, UNKNOWN), folder / builder)


MODELS = [("resnet18", {}), ("mobilenet_v2", {"width_mult": 0.25}), ("squeezenet1_1", {})]


@pytest.mark.parametrize(("builder", "arguments"), MODELS, ids=[name for name, _ in MODELS])
def test_the_table_of_a_torchvision_model_is_planned_exactly(export, tmp_path, builder, arguments):
    _, result, planned = export(saved(tmp_path, builder, **arguments))
    assert planned.layers is not UNKNOWN
    made = result.outputs["model"].layers
    assert (made.bytes, made.macs) == (planned.layers.bytes, planned.layers.macs)
    assert {row.type for row in made.layers} <= {"Conv", "Gemm"}  # every batch norm is folded


@pytest.mark.parametrize(("builder", "arguments"), MODELS[:2], ids=["resnet18", "mobilenet_v2"])
def test_so_is_that_of_its_quantized_form(export, tmp_path, builder, arguments):
    static = pytest.importorskip("recipec_quantize.static")
    pytest.importorskip("torchao")
    from recipec.api import DataSamples
    from recipec.api.data.reference import write_reference
    from recipec.testing import AlonePlanContext, run_alone

    specs = (TensorSpec(name="image", shape=("N", 3, 32, 32)),)
    write_reference(tmp_path / "data.json", "onnx_examples.making:colours", {"count": 16})
    inputs = {
        "model": saved(tmp_path, builder, **arguments),
        "calibration.data": artifact(
            DataSamples(count=16, inputs=specs, classes=None), tmp_path / "data.json"
        ),
    }
    operator = static.StaticQuantization(
        static.StaticParams.model_validate(
            {"calibration": {"data": "noise", "samples": 16}, "observer": "minmax"}
        )
    )
    facts = {port: given.facts for port, given in inputs.items()}
    planned = operator.plan(facts, AlonePlanContext(tmp_path)).outputs["model"]
    made, _ = run_alone(operator, inputs, tmp_path / "int8")
    assert list(planned.contradictions(made["model"].facts)) == []
    _, result, exported = export(made["model"])
    assert exported.precision == "int8"
    floats = load_exported(made["model"].path).state_dict
    assert {t.dtype.is_floating_point for t in floats.values() if t.dim() > 1} == {False}
    size = result.outputs["model"].layers.bytes
    assert size < 0.3 * facts["model"].layers.bytes
