"""The plugin offers what its README says, and its kind says what runs it."""

from pathlib import Path

import recipec_openvino
from recipec_openvino.model import OpenVINOModel


def test_every_operator_is_in_the_readme():
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    offered = [operator.id for operator in recipec_openvino.recipec_operators()]
    assert offered
    assert [name for name in offered if f"`{name}`" not in readme] == []


def test_its_kind_is_offered():
    assert list(recipec_openvino.recipec_artifact_kinds()) == [OpenVINOModel]
