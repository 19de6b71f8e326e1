"""Run the thirteen inputs that other tools answer badly, and write recipec's answers.

    python docs/comparison.py          rewrites docs/comparison.md

The recipes are those of `tests/peers/recipes`, where each answer is a test; and
`tests/peers/test_comparison.py` holds the committed page to what this makes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from recipec.diagnostics import ExitCode

HERE = Path(__file__).parent
ROOT = HERE.parent
RECIPES = ROOT / "tests" / "peers" / "recipes"
PAGE = HERE / "comparison.md"
NOTE = "<!-- made by docs/comparison.py; don't edit -->\n"
OPENING = """\
# Thirteen inputs, and what recipec makes of them

Each of these goes wrong in tools of today: a model is made that nobody asked for, or none is made
and the exit code is 0. Below is what recipec says: every block is what the command printed. The
threads are public reports by people who met the same in one tool or another, as they stood when
this page was written.
"""
CALIBRATION = """\
import sys
import numpy as np

draw = np.random.default_rng(int(sys.argv[1]))
np.savez("calibration.npz", x=draw.random((32, 1, 8, 8), dtype="float32"))
"""
EVALUATION = """\
import numpy as np


def samples():
    draw = np.random.default_rng(0)
    return draw.random((40, 1, 8, 8), dtype="float32"), draw.integers(0, 10, 40)
"""
LOADED = """\
import sys

before = set(sys.modules)
from recipec.cli.main import cli

cli.main(["--help"], standalone_mode=False)
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - sys.stdlib_module_names), file=sys.stderr)
"""


class Row(NamedTuple):
    """One input: what it is, why it matters, and the commands that show the answer.

    `light` rows need no framework; `steady` ones print the same on every machine.
    """

    letter: str
    title: str
    why: str
    commands: tuple[str, ...]
    recipe: str = ""
    files: tuple[tuple[str, str], ...] = ()
    light: bool = True
    steady: bool = True


ROWS = (
    Row(
        "A",
        "A misspelt operator parameter",
        "A tool that ignores what it doesn't know makes a model with the default, and nothing in "
        "the result tells (LabeliaLabs/distributed-learning-contributivity#184, "
        "dmlc/xgboost#4043).",
        ("recipec compile misspelt-parameter.yaml -o out", "ls"),
        "misspelt-parameter.yaml",
    ),
    Row(
        "B",
        "A corrupt input model",
        "When a model that can't be read ends in exit code 0, CI goes on with nothing "
        "(NVIDIA/Megatron-LM#680, OasisLMF/OasisLMF#205).",
        ("recipec compile corrupt-model.yaml -o out", "ls"),
        "corrupt-model.yaml",
        (("trained.safetensors", "not a model at all"),),
        light=False,
    ),
    Row(
        "C",
        "An accuracy and a speed that are missed",
        "Limits that are asked for and then not held to let a broken model through "
        "(open-edge-platform/geti#6084: mAP from 56 % to 18 % with a limit of 3 %), and quantizing "
        "can make a model slower (microsoft/onnxruntime#20052).",
        (
            "recipec compile missed-gates.yaml -o out",
            "grep 'fail' out/report.md",
        ),
        "missed-gates.yaml",
        light=False,
        steady=False,
    ),
    Row(
        "D",
        "Data or an evaluation script edited between two runs",
        "A cache that doesn't know what a result was made from gives yesterday's accuracy for "
        "today's model (pytorch/ao#3073).",
        (
            "python calibrate.py 0",
            "recipec compile edited-data.yaml -q",
            "python calibrate.py 1",
            "recipec compile edited-data.yaml --dry-run | grep -E '^  [+=] .*(@|acc)|why'",
            "python calibrate.py 0",
            "sed -i 's/default_rng(0)/default_rng(1)/' evaluation.py",
            "recipec compile edited-data.yaml --dry-run | grep -E '^  [+=] .*(@|acc)|why'",
        ),
        "edited-data.yaml",
        (("calibrate.py", CALIBRATION), ("evaluation.py", EVALUATION)),
        light=False,
    ),
    Row(
        "E",
        "A dry run of a recipe with impossible values",
        "A dry run that accepts what always fails later only costs time "
        "(torchgeo/torchgeo-bench#404).",
        ("recipec compile impossible-values.yaml --dry-run",),
        "impossible-values.yaml",
    ),
    Row(
        "F",
        "The `$schema` key",
        "The key by which an editor finds the schema is refused by the tool that published it "
        "(jfrog/jfrog-cli#2495, tancredi/fantasticon#260). Here it is a key of the format, and the "
        "schema knows the parameters of every installed operator; [editors.md](editors.md) shows "
        "an editor using it.",
        (
            "recipec schema --write . > /dev/null",
            "recipec validate schema-key.yaml",
        ),
        "schema-key.yaml",
    ),
    Row(
        "G",
        "A misspelt top-level key",
        "The validator's own message speaks of classes and union branches, often about another key "
        "(machow/quartodoc#116, NVIDIA/NeMo-Agent-Toolkit#2248).",
        ("recipec compile misspelt-key.yaml --dry-run",),
        "misspelt-key.yaml",
    ),
    Row(
        "H",
        "The same key twice",
        "YAML loaders keep the last one and say nothing (yaml/pyyaml#41, rbgirshick/yacs#17).",
        ("recipec compile key-given-twice.yaml --dry-run",),
        "key-given-twice.yaml",
    ),
    Row(
        "I",
        "Stages whose kinds don't meet",
        "That one step's result is not what the next one takes shows only after the first has run "
        "(pipefunc/pipefunc#375, microsoft/winml-cli#529).",
        ("recipec compile kinds-that-dont-meet.yaml",),
        "kinds-that-dont-meet.yaml",
    ),
    Row(
        "J",
        "A fresh install",
        "When `--help` imports a framework it takes seconds, or fails where the framework isn't "
        "(pytorch/torchchat#1347).",
        (
            "python3 -m venv fresh && fresh/bin/pip install -qq $REPOSITORY",
            "fresh/bin/pip list --format freeze",
            "fresh/bin/recipec --help > help.txt && head -1 help.txt",
            "fresh/bin/python loaded.py > help.txt",
            "TIMEFORMAT='%R s'; for i in 1 2 3; do time fresh/bin/recipec --help > help.txt; done",
        ),
        files=(("loaded.py", LOADED),),
        steady=False,
        light=False,
    ),
    Row(
        "K",
        "A recipe of an older format",
        "A format that changes without a version and a way over breaks recipes, or reads them "
        "differently (NVIDIA/Model-Optimizer#2001, open-edge-platform/anomalib#1738).",
        (
            "recipec compile last-year.yaml --dry-run",
            "recipec migrate last-year.yaml --write",
            "cat last-year.yaml",
            "recipec validate last-year.yaml",
        ),
        "last-year.yaml",
    ),
    Row(
        "L",
        "A selector that matches no layer",
        "A pattern that is off by a name leaves all layers as they are, and hours later the model "
        "is as large as before (vllm-project/llm-compressor#1230, "
        "vllm-project/compressed-tensors#866).",
        ("recipec compile selector-without-layers.yaml", "ls"),
        "selector-without-layers.yaml",
        light=False,
    ),
    Row(
        "M",
        "The same technique twice",
        "Where steps are keys of a mapping, the second one takes the place of the first "
        "(NLeSC/scriptcwl#31).",
        ("recipec compile technique-used-twice.yaml",),
        "technique-used-twice.yaml",
        light=False,
        steady=False,
    ),
)


def section(row: Row, folder: Path) -> str:
    """Run a row's commands in an empty folder, and describe what came of them."""
    parts = [f"## {row.letter}. {row.title}\n", f"{row.why}\n"]
    if row.recipe:
        shutil.copy(RECIPES / row.recipe, folder)
        parts.append(f"```yaml\n# {row.recipe}\n{(RECIPES / row.recipe).read_text()}```\n")
    for name, text in row.files:
        (folder / name).write_text(text)
        if name.endswith(".py"):
            parts.append(f"```python\n# {name}\n{text}```\n")
        else:
            parts.append(f"`{name}` holds the words “{text}”.\n")
    shown = "\n".join(_run(row.commands, folder))
    parts.append(f"```text\n{shown}\n```\n")
    return "\n".join(parts)


def _run(commands: tuple[str, ...], folder: Path) -> Iterator[str]:
    """Run commands in a shell, one after the other; give what a terminal would have shown."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as store:
        environment |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "RECIPEC_STORE": store,
            "REPOSITORY": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "LC_ALL": "C.UTF-8",
        }
        for command in commands:
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode == ExitCode.BUG:
                raise SystemExit(f"{command}: {done.stdout}")
            yield f"$ {command}"
            if done.stdout.strip():
                yield _portable(done.stdout, folder).rstrip()
            if command.startswith("recipec"):
                yield f"exit {done.returncode}"


def _portable(text: str, folder: Path) -> str:
    """Leave out what the machine is called, and where its folders are."""
    text = text.replace(str(folder), ".").replace(str(ROOT), "REPOSITORY")
    return re.sub(r"recipec @ file:\S+", "recipec @ REPOSITORY", text)


def page() -> str:
    """Make the whole page."""
    parts = [OPENING, NOTE]
    for row in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            parts.append(section(row, Path(folder)))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
