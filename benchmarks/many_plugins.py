"""CPU time of recipec with fifty third-party plugins installed, as a ratio to the same without.

    python benchmarks/many_plugins.py [--plugins 50] [--runs 15]

Each plugin is a distribution of its own, built as a wheel by hatchling and installed by pip into a
folder that only half of the runs have on their path. Each offers one operator with parameters, a
kind, a capability and a lint. Measured are `--help`, and a dry run of a recipe that uses one of
them. The commands take turns; CPU time is user + system time of the whole process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from startup import ENVIRONMENT, cpu_seconds

HELP_LIMIT, DRY_RUN_LIMIT = 1.2, 1.5

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "recipec-many{n}"
version = "1.0"
dependencies = ["recipec"]
[project.entry-points.recipec]
many{n} = "recipec_many{n}"
"""
PLUGIN = """
from recipec.api import hookimpl


@hookimpl
def recipec_operators():
    from recipec_many{n}.shrink import Shrink

    return [Shrink]


@hookimpl
def recipec_artifact_kinds():
    from recipec_many{n}.shrink import Shrunk

    return [Shrunk]


@hookimpl
def recipec_capabilities():
    from recipec.api import Capability

    return [Capability("many{n}-tool", lambda: None, "a tool that nobody has")]


@hookimpl
def recipec_lints():
    from recipec.api import Lint

    page = "recipec_many{n}:small.md"
    return [Lint("many{n}.small", "an amount that is small", page, lambda plan: ())]
"""
OPERATOR = """
from typing import ClassVar, Literal

from pydantic import Field

from recipec.api import Model, Operator, Params, Port, Share, StagePlan, StageResult, TorchModule


class Shrunk(Model):
    kind = "many{n}.shrunk"
    suffix = ".bin"
    times: int = 0


class ShrinkParams(Params):
    amount: Share = Field(0.5, gt=0, lt=1, description="share of the weights that leave")
    by: Literal["size", "order"] = Field("size", description="what decides")
    rounds: int = Field(1, ge=1, description="how many times")
    exclude: tuple[str, ...] = Field((), description="layers that stay as they are")


class Shrink(Operator[ShrinkParams]):
    id = "many{n}.shrink"
    version = 1
    summary = "Make a model smaller"
    params = ShrinkParams
    inputs = {{"model": Port(TorchModule, "the model")}}
    outputs = {{"model": Port(TorchModule, "the smaller model")}}

    def plan(self, inputs, context):
        return StagePlan({{"model": inputs["model"]}}, changed={{"weights": 1}})

    def run(self, inputs, context):
        raise NotImplementedError("only planned here")
"""
RECIPE = """
apiVersion: recipec/v1
name: many
model:
  uses: torch.model
  with:
    builder: "recipec_torch.zoo:resnet"
    args: {{depth: 8}}
    input: {{x: {{shape: [N, 1, 8, 8]}}}}
stages:
  - {{id: shrink, uses: {uses}, with: {{amount: 30%}}}}
"""


def install(count: int, folder: Path) -> Path:
    """Build and install the plugins; give the folder that holds them."""
    wheels, site = folder / "wheels", folder / "site"
    for n in range(count):
        project = folder / f"recipec-many{n}"
        package = project / f"recipec_many{n}"
        package.mkdir(parents=True)
        (project / "pyproject.toml").write_text(PYPROJECT.format(n=n))
        (package / "__init__.py").write_text(PLUGIN.format(n=n))
        (package / "shrink.py").write_text(OPERATOR.format(n=n))
        (package / "small.md").write_text("# An amount that is small\n")
        build = "from hatchling.build import build_wheel; import sys; build_wheel(sys.argv[1])"
        subprocess.run(
            [sys.executable, "-c", build, str(wheels)],
            check=True,
            cwd=project,
            stdout=subprocess.DEVNULL,
        )
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target"]
    built = [str(path) for path in sorted(wheels.iterdir())]
    subprocess.run([*pip, str(site), *built], check=True)
    return site


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugins", type=int, default=50)
    parser.add_argument("--runs", type=int, default=15)
    asked = parser.parse_args()
    recipec = str(Path(sys.executable).with_name("recipec"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with_all = {**ENVIRONMENT, "PYTHONPATH": str(install(asked.plugins, folder))}
        few, many = folder / "few.yaml", folder / "many.yaml"
        few.write_text(RECIPE.format(uses="prune.unstructured"))
        many.write_text(RECIPE.format(uses="many7.shrink"))
        dry_run = ["compile", "--dry-run", "--store", str(folder / "store")]
        commands = {
            ("--help", False): ([recipec, "--help"], ENVIRONMENT),
            ("--help", True): ([recipec, "--help"], with_all),
            ("dry run", False): ([recipec, *dry_run, str(few)], ENVIRONMENT),
            ("dry run", True): ([recipec, *dry_run, str(many)], with_all),
        }
        seconds: dict[tuple[str, bool], list[float]] = {name: [] for name in commands}
        for turn in range(-1, asked.runs):  # the first warms the file cache and the bytecode
            names = list(commands) if turn % 2 else list(reversed(commands))
            for which in names:
                command, environment = commands[which]
                took = cpu_seconds(command, environment)
                if turn >= 0:
                    seconds[which].append(took)
    failed = False
    for name, limit in (("--help", HELP_LIMIT), ("dry run", DRY_RUN_LIMIT)):
        without, among = (median(seconds[name, installed]) for installed in (False, True))
        failed |= among / without > limit
        print(
            f"{name}: {without * 1000:.0f} ms CPU, with {asked.plugins} plugins"
            f" {among * 1000:.0f} ms, ratio {among / without:.2f} (limit {limit})"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
