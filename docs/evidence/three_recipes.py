"""Three recipes as newcomers wrote them, what is said of their slips, and what came of the runs.

    python docs/evidence/three_recipes.py          rewrites three-recipes.md

The recipes were written from `docs/` and the command line alone. `three-recipes/` holds them, and
`slips.yaml` what was then written wrong on purpose.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
INPUTS = HERE / "three-recipes"
OPENING = """\
# Three recipes, as newcomers wrote them

Each was written from `docs/`, the README, `--help` and `recipec schema`; nothing was looked up in
the code, though their author had read parts of it before. They are int8 of a ResNet-18 with random
data; a network and data of one's own, pruned by three amounts; and the seven steps by `extends`,
shallower and without TensorRT. The first two were planned and ran as first written, the third
after the first point below. Then they were written wrong on purpose: this is what is said now,
and, where it didn't help at first, what was mended.

What else was confusing on the way, and is mended:

- `recipec compile` of a recipe that extends another failed for a lint that the other one silences
  on a stage which this one removes: such silences now go with the stage, and one that has nothing
  to do in an extending recipe isn't told.
- A variable misspelt in an extending recipe (`vars: {amout: 0.3}`) was told as unused; now with
  the name that was meant.
- The table of variants showed the figures of the first promised model, which is often the one
  that others are compared with, and so the same in every line. It shows the last one's.
- `train.fit` with `steps` planned “1 epochs × 1017 samples = 2 steps”. Now: “2 steps of 32 =
  0.063 passes over 1017 samples”.
- Samples with NaN made training “diverge”, with the advice to lower the learning rate. Now the
  data is named.
- A gate that fails says by how much; “0.84x better” is “1.19x worse”.
- Which metrics there are, with their exact names for gates, stood nowhere in `docs/`: see
  [operators.md](../operators.md#measurelatency).
"""


def page() -> str:
    """Make the whole page."""
    slips = yaml.safe_load((INPUTS / "slips.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _prepare(folder)
        parts = [OPENING]
        for recipe, wrong in slips.items():
            text = (INPUTS / recipe).read_text(encoding="utf-8")
            parts += [f"## {recipe}\n", f"```yaml\n{text}```\n", _ran(recipe, folder)]
            parts += [f"### {len(wrong)} slips\n", *_slips(recipe, text, wrong, folder)]
        return "\n".join(parts).replace(temporary, "FOLDER").replace(str(ROOT), "REPOSITORY")


def _prepare(folder: Path) -> None:
    """Put the recipes into a folder, and make the data and weights that they and slips name."""
    for source in [*INPUTS.iterdir(), ROOT / "recipes" / "seven-steps.yaml"]:
        shutil.copy(source, folder)
    subprocess.run([sys.executable, "make_data.py"], cwd=folder, check=True)
    subprocess.run([sys.executable, "make_wrong_files.py"], cwd=folder, check=True)


def _recipec(*arguments: str, folder: Path) -> tuple[int, str]:
    """Run `recipec …`; give the exit code and all it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "recipec.cli.main", *arguments],
        cwd=folder,
        env={**os.environ, "RECIPEC_STORE": str(folder / "store"), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def _ran(recipe: str, folder: Path) -> str:
    code, said = _recipec("compile", recipe, folder=folder)
    return f"`recipec compile {recipe}`: exit {code}.\n\n```text\n{said.rstrip()}\n```\n"


def _slips(recipe: str, text: str, slips: list[dict[str, str]], folder: Path) -> Iterator[str]:
    for slip in slips:
        if slip["right"] not in text:
            raise LookupError(f"{recipe} has no {slip['right']!r}")
        wrong = folder / "wrong.yaml"
        wrong.write_text(text.replace(slip["right"], slip["wrong"], 1), encoding="utf-8")
        code, said = _recipec("compile", wrong.name, "--dry-run", "-q", folder=folder)
        if code != 1:
            raise SystemExit(f"{recipe}, {slip['slip']}: exit {code}\n{said}")
        title = slip["slip"]
        yield f"**{title[0].upper()}{title[1:]}**\n\n```text\n{said.rstrip()}\n```\n"
        if "mended" in slip:
            yield f"Mended: {slip['mended']}\n"


if __name__ == "__main__":
    target = HERE / "three-recipes.md"
    target.write_text(page(), encoding="utf-8")
    print(target)
