"""`recipec init`: what it asks, writes and refuses."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

GIVEN = ("--model", "eight", "--data", "toys.numbers", "--answer", "count=5")


def stages(folder, name="new.yaml"):
    from recipec import load_recipe

    return [stage.uses for stage in load_recipe(folder / name).spec.stages]


def test_a_recipe_is_written_that_compiles(recipec):
    code, out, err = recipec("init", "new.yaml", *GIVEN, "--yes")
    assert (code, err) == (0, "")
    assert "recipec compile new.yaml --dry-run" in out
    assert recipec("validate", "new.yaml")[0] == 0
    assert recipec("compile", "new.yaml")[0] == 0
    text = (recipec.folder / "new.yaml").read_text()
    schema = text.splitlines()[0].partition("$schema=")[2]
    assert (recipec.folder / schema).is_file()


def test_its_stages_are_those_that_plugins_offer_for_each_step(recipec):
    recipec("init", "new.yaml", *GIVEN, "--yes")
    expected = ["toys.scale", "toys.drop", "toys.scale", "toys.pack", "toys.pack"]
    assert stages(recipec.folder) == expected


def test_where_several_would_do_one_can_be_named(recipec):
    recipec("init", "new.yaml", *GIVEN, "--yes", "--use", "toys.lie")
    assert "toys.lie" in stages(recipec.folder)
    assert "toys.drop" not in stages(recipec.folder)


def test_a_file_that_is_there_is_kept_unless_forced(recipec):
    before = (recipec.folder / "recipe.yaml").read_text()
    code, _, err = recipec("init", *GIVEN, "--yes")
    assert code == 2
    assert "error[exists]: recipe.yaml is there already\n  hint: --force overwrites it" in err
    assert (recipec.folder / "recipe.yaml").read_text() == before
    assert recipec("init", *GIVEN, "--yes", "--force")[0] == 0
    assert (recipec.folder / "recipe.yaml").read_text() != before


def test_without_a_terminal_what_is_missing_is_named(recipec):
    code, out, err = recipec("init", "new.yaml")
    assert (code, out) == (2, "")
    assert "there is nobody to ask, and these options are missing: --model, --data, --target" in err
    assert not (recipec.folder / "new.yaml").exists()


def test_with_yes_only_what_has_no_usual_answer_is_missing(recipec):
    code, _, err = recipec("init", "new.yaml", "--yes", "--data", "toys.numbers")
    assert code == 2
    assert "these options are missing: --model, --answer count=… (How many?)" in err


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (["--model", "eigth"], "--model: there is no model 'eigth'", "did you mean 'eight'?"),
        (["--data", "toys.nubmers"], "--data: there is no", "did you mean 'toys.numbers'?"),
        (["--target", "papre"], "--target: there is no", "did you mean 'paper'?"),
        (["--goal", "fast"], "--goal: there is no 'fast'", "did you mean 'faster'?"),
        (["--max-drop", "1"], "--max-drop: 1 has no unit", "write '1pp' or '1%'"),
        (["--shape", "3,x"], "--shape: '3,x' is not the shape", "without the batch: 3,224,224"),
        (["--shape", "3,0"], "--shape: '3,0' is not the shape", "without the batch: 3,224,224"),
        (["--answer", "cuont=5"], "doesn't ask for 'cuont'", "did you mean 'count'?"),
        (["--answer", "count"], "--answer 'count' is not NAME=VALUE", "for example"),
        (["--use", "toys.dorp"], "--use: no recipe can be begun", "did you mean 'toys.drop'?"),
        (["--weights", "w.json", "--answer", "count=x"], "new.yaml is not written", None),
    ],
)
def test_a_bad_option_is_refused_with_what_to_write(recipec, options, message, hint):
    code, out, err = recipec("init", "new.yaml", *GIVEN, "--yes", *options)
    assert (code, out) == (2, "")
    assert message in err
    assert hint is None or hint in err
    assert not (recipec.folder / "new.yaml").exists()
    assert not (recipec.folder / ".recipec").exists()


def test_what_can_be_chosen_is_listed(recipec):
    code, out, _ = recipec("init", "--list")
    assert code == 0
    assert {"toys.numbers", "paper", "count=…", "eight"} <= set(out.split())


def test_a_recipe_is_named_after_its_file_or_its_folder(recipec):
    from recipec import load_recipe

    recipec("init", "My model_2.yaml", *GIVEN, "--yes")
    assert load_recipe(recipec.folder / "My model_2.yaml").spec.name == "my-model_2"


class Person:
    """Answers the questions of a program at a terminal."""

    def __init__(self, arguments, folder):
        self.terminal, inner = pty.openpty()
        self.process = subprocess.Popen(
            arguments, stdin=inner, stdout=inner, stderr=inner, cwd=folder, env={**os.environ}
        )
        os.close(inner)
        self.seen = ""

    def read_until(self, words):
        seen, deadline = "", time.monotonic() + 60
        while words not in seen:
            ready, _, _ = select.select([self.terminal], [], [], deadline - time.monotonic())
            assert ready, f"{words!r} never came; {seen}"
            try:
                seen += os.read(self.terminal, 4096).decode(errors="replace")
            except OSError:  # the program is gone
                raise AssertionError(f"{words!r} never came; {seen}") from None
        return seen

    def answer(self, question, words):
        seen = self.read_until(question)
        os.write(self.terminal, f"{words}\n".encode())
        return seen

    def end(self):
        code = self.process.wait(60)
        os.close(self.terminal)
        return code


def test_at_a_terminal_it_asks(tmp_path):
    """With the plugins that are installed, in a process of its own."""
    program = shutil.which("recipec", path=Path(sys.executable).parent) or "recipec"
    person = Person([program, "init", "mine.yaml"], tmp_path)
    person.answer("Which model?", "resnte")
    person.answer("did you mean 'resnet'?", "resnet")
    person.answer("trained weights", "")
    assert "data.random" in person.answer("Where does data come from?", "data.random")
    person.answer("shape of one sample", "1,8,8")
    assert "ONNX Runtime" in person.answer("Where shall it run?", "onnxruntime")
    person.answer("What shall the model become?", "smaller")
    person.answer("Accuracy that may be lost [1pp]", "")
    person.read_until("wrote mine.yaml")
    assert person.end() == 0
    assert stages(tmp_path, "mine.yaml") == ["quantize.static", "onnx.export", "onnx.export"]


def test_an_operator_that_no_stage_is_made_with_is_refused(recipec):
    both = ("--use", "toys.drop", "--use", "toys.lie")  # of which one makes the model smaller
    code, _, err = recipec("init", "new.yaml", *GIVEN, "--yes", *both)
    assert code == 2
    assert "with these choices no stage is made with it" in err
    assert not (recipec.folder / "new.yaml").exists()


def test_a_folder_is_not_overwritten(recipec):
    (recipec.folder / "new.yaml").mkdir()
    code, _, err = recipec("init", "new.yaml", *GIVEN, "--yes", "--force")
    assert code == 2
    assert "error[exists]: new.yaml is a folder" in err
    assert not (recipec.folder / ".recipec").exists()
