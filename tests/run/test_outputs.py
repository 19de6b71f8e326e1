"""What OUT calls the artifacts of a stage."""

from recipec.api import OnnxModel, Scores
from recipec.run.output import place_outputs
from recipec.testing import artifact


def made(folder, **outputs):
    files = {}
    for port, facts in outputs.items():
        path = folder / f"{port}{facts.suffix}"
        path.write_text(port)
        files[port] = artifact(facts, path)
    return files


def names(folder, **outputs):
    out = folder / "out"
    out.mkdir()
    placed = place_outputs(out, ("stage",), {"stage": made(folder, **outputs)})
    return [record.path for record in placed]


def test_what_a_stage_makes_has_its_name(tmp_path):
    assert names(tmp_path, scores=Scores()) == ["artifacts/stage.json"]


def test_what_it_makes_beside_its_model_has_the_ports_name_too(tmp_path):
    placed = names(tmp_path, model=OnnxModel(), scores=Scores())
    assert placed == ["artifacts/stage.onnx", "artifacts/stage.scores.json"]


def test_two_models_have_both_names(tmp_path):
    placed = names(tmp_path, first=OnnxModel(), second=OnnxModel())
    assert placed == ["artifacts/stage.first.onnx", "artifacts/stage.second.onnx"]
