"""The plugin offers what its README says, and its kind says what runs it."""

from pathlib import Path

import recipec_openvino
from recipec.api import TensorSpec
from recipec.testing import KindContract
from recipec_openvino.model import OpenVINOModel


class TestKind(KindContract):
    kind = OpenVINOModel

    def examples(self):
        inputs = (TensorSpec(name="x", shape=("N", 4)),)
        made = {"inputs": inputs, "operators": {"Relu": 2}, "precision": "fp32"}
        return [OpenVINOModel(**made, openvino_version="2026.4.1"), OpenVINOModel()]


def test_every_operator_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    offered = [operator.id for operator in recipec_openvino.recipec_operators()]
    assert offered
    assert [name for name in offered if f"`{name}`" not in readme] == []


def test_its_kind_is_offered():
    assert list(recipec_openvino.recipec_artifact_kinds()) == [OpenVINOModel]
