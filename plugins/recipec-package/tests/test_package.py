"""`package.folder`, run on real models: what lies in it works without recipec."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from package_examples.models import (
    INPUTS,
    exported_program,
    images,
    onnx_model,
    openvino_model,
    refer_to_images,
)
from recipec.api import UNKNOWN
from recipec.api.digests import digest_path
from recipec.testing import RunContract, run_alone
from recipec_package._usage import formula
from recipec_package.folder import PackageFolder

pytestmark = pytest.mark.frameworks

PARAMS = {
    "title": "Shapes",
    "description": "Tells round ones from square ones.",
    "licence": "Apache-2.0",
    "data": "test",
    "labels": ["round", "square", "other"],
    "origin": "recipes/package.yaml",
}


class TestContract(RunContract):
    operator = PackageFolder

    def good_params(self):
        return PARAMS

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _model(cls, tmp_path_factory):
        folder = tmp_path_factory.mktemp("inputs")
        cls.model = onnx_model(folder / "model.onnx")
        cls.data = refer_to_images(folder / "data.json")

    def example_facts(self):
        return {"model": self.model.facts, "data": self.data.facts}

    def example_artifacts(self, folder):
        return {"model": self.model, "data": self.data}


MODELS = {
    "onnx": lambda folder: onnx_model(folder / "model.onnx"),
    "openvino": lambda folder: openvino_model(folder / "ir"),
    "exported": lambda folder: exported_program(folder / "model.pt2"),
}


def packaged(folder: Path, kind: str = "onnx", data=None, **params):
    (folder / "ir").mkdir(parents=True)
    operator = PackageFolder(PackageFolder.params.model_validate({**PARAMS, **params}))
    inputs = {"model": MODELS[kind](folder), "data": data or refer_to_images(folder / "d.json")}
    made, _ = run_alone(operator, inputs, folder)
    return made["package"].path


def run(folder: Path):
    """Run the usage script from somewhere else, as a user would."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, folder / "usage.py"],
        cwd=folder.anchor,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def by_hand(folder: Path):
    """The classes of the examples, computed from the weights in the ONNX file."""
    import onnx
    from onnx import numpy_helper

    weight = numpy_helper.to_array(onnx.load(folder / "model.onnx").graph.initializer[0])
    labels = PARAMS["labels"]
    scores = images(16).inputs["x"][:4].reshape(4, -1) @ weight.T
    return [labels[row.argmax()] for row in scores]


@pytest.mark.parametrize("kind", MODELS)
def test_the_usage_script_runs(tmp_path, kind):
    package = packaged(tmp_path / "here", kind)
    moved = tmp_path / "there"
    package.rename(moved)
    ran = run(moved)
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.strip().split(", ")
    assert len(said) == 4
    assert set(said) <= set(PARAMS["labels"])
    if kind == "onnx":
        assert said == by_hand(moved)


def test_the_script_has_ten_lines_and_needs_no_recipec(tmp_path):
    script = (packaged(tmp_path / "here") / "usage.py").read_text()
    assert len(script.partition('"""\n\n')[2].splitlines()) == 10
    assert "recipec" not in script
    assert str(tmp_path) not in script


def test_the_script_fails_when_the_model_is_another_one(tmp_path):
    import onnx
    from onnx import numpy_helper

    package = packaged(tmp_path / "here")
    model = onnx.load(package / "model.onnx")
    weight = numpy_helper.to_array(model.graph.initializer[0])
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weight * 1.1, "weight"))
    onnx.save(model, package / "model.onnx")
    ran = run(package)
    assert ran.returncode != 0
    assert "Not equal to tolerance" in ran.stderr


def test_examples_are_as_they_are_stored_and_the_script_preprocesses_them(tmp_path):
    package = packaged(tmp_path / "here")
    pixels = np.load(package / "example_inputs.npz")["x"]
    assert pixels.dtype == np.uint8
    assert pixels.max() == 16
    again = ((pixels / 16 - 0.25) / 0.5).astype(np.float32)
    assert np.array_equal(again, images(16).inputs["x"][:4])
    assert "((pixels / 16 - 0.25) / 0.5).astype(np.float32)" in (package / "usage.py").read_text()


def test_examples_of_data_with_unknown_preprocessing_are_the_models_inputs(tmp_path):
    data = refer_to_images(tmp_path / "data.json", preprocessing=UNKNOWN)
    package = packaged(tmp_path / "here", data=data)
    given = np.load(package / "example_inputs.npz")["x"]
    assert np.array_equal(given, images(16).inputs["x"][:4])
    assert run(package).returncode == 0
    assert "preprocessing" not in json.loads((package / "package.json").read_text())


def test_without_labels_classes_are_numbers(tmp_path):
    package = packaged(tmp_path / "here", labels=None, examples=2)
    assert not (package / "labels.txt").exists()
    ran = run(package)
    assert ran.returncode == 0, ran.stderr
    assert all(0 <= int(number) <= 2 for number in ran.stdout.split())


def test_without_classes_the_script_tells_the_shape_of_the_outputs(tmp_path):
    data = refer_to_images(tmp_path / "data.json", classes=UNKNOWN)
    ran = run(packaged(tmp_path / "here", data=data, labels=None))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "(4, 3)"


def test_what_the_package_says_of_itself(tmp_path):
    package = packaged(tmp_path / "here")
    told = json.loads((package / "package.json").read_text())
    assert told["licence"] == "Apache-2.0"
    assert told["labels"] == PARAMS["labels"]
    assert told["preprocessing"] == {"divisor": 16.0, "mean": [0.25], "std": [0.5], "before": []}
    assert told["model"]["inputs"] == [INPUTS[0].model_dump(mode="json")]
    assert told["model"]["sha256"] == digest_path(package / told["model"]["file"])
    assert told["model"]["parameters"] == 3 * 64
    assert told["provenance"]["origin"] == "recipes/package.yaml"
    assert set(told["provenance"]["versions"]) == {"recipec", "numpy", "onnxruntime"}


def test_the_card_tells_a_reader_what_it_needs(tmp_path):
    package = packaged(tmp_path / "here")
    card = (package / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n---\n\n# Shapes\n")
    assert (package / "usage.py").read_text().strip() in card
    for wanted in (
        "| input | `x` | [N, 1, 8, 8] | float32 |",
        "0: round; 1: square; 2: other.",
        "`((pixels / 16 - 0.25) / 0.5).astype(np.float32)`",
        "| parameters | 192 |",
    ):
        assert wanted in card


def test_the_card_says_what_the_model_was_made_from(tmp_path):
    based_on = {"model": "hub:acme/encoder", "revision": "0123abc", "licence": "mit"}
    package = packaged(tmp_path / "a", based_on=based_on)
    card = (package / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\nbase_model: acme/encoder\n---\n")
    assert "Based on `hub:acme/encoder`, revision `0123abc`, licence MIT." in card
    told = json.loads((package / "package.json").read_text())["provenance"]["based_on"]
    assert told == {**based_on, "licence": "MIT"}
    package = packaged(tmp_path / "b", based_on={"model": "https://example.org/m"})
    card = (package / "README.md").read_text()
    assert "Based on `https://example.org/m`, no revision told, licence not told." in card
    assert "base_model" not in card
    package = packaged(tmp_path / "c")
    assert "Based on" not in (package / "README.md").read_text()
    assert "based_on" not in (package / "package.json").read_text()


def test_a_package_names_no_folder_of_this_machine(tmp_path):
    package = packaged(tmp_path / "here")
    whole = b"".join(path.read_bytes() for path in package.iterdir())
    assert str(tmp_path).encode() not in whole


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ({}, "(pixels).astype(np.float32)"),
        ({"divisor": 255}, "(pixels / 255).astype(np.float32)"),
        ({"std": [2.0]}, "(pixels / 2.0).astype(np.float32)"),
        (
            {"divisor": 255, "mean": [0.5, 0.4], "std": [0.2, 0.1]},
            "((pixels / 255 - np.array([0.5, 0.4]).reshape(-1, 1, 1)) / "
            "np.array([0.2, 0.1]).reshape(-1, 1, 1)).astype(np.float32)",
        ),
    ],
)
def test_preprocessing_as_a_line_of_numpy(steps, wanted):
    from recipec.api import Preprocessing

    assert formula(Preprocessing.model_validate(steps)) == wanted
