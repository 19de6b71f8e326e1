"""From `recipec plugins new` to green tests and a dry run that shows the new operator.

    python docs/evidence/new_plugin.py

Two new virtual environments. The first holds recipec and what testing and building needs, from the
package index; it has no torch. The second also sees what is installed where this script runs, with
torch. Once they stand, every command runs without a network (`unshare --net`).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
PAGE = Path(__file__).with_name("new-plugin.md")
KIT = "pytest jsonschema hatchling editables numpy"
OFFLINE = ("unshare", "--map-root-user", "--net")
KEPT = {k: v for k, v in os.environ.items() if not k.startswith(("RECIPEC_", "PIP_"))}
QUIET = {"COLUMNS": "100", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
INTERFACES = 'python -c "import socket; print([name for _, name in socket.if_nameindex()])"'
INSTALL = "pip install --quiet --no-index --no-build-isolation -e ."
NAMES = {"operator": "acme", "data": "rows", "report": "timings", "probe": "packing"}
EXPECTED = {"operator": "acme.clip@1", "data": "rows.table", "probe": "packing.pack@1"}


class Done(NamedTuple):
    """A command, its exit code, its seconds, and what it printed."""

    command: str
    code: int
    seconds: float
    said: str


def shell(environment: Path, folder: Path, command: str, offline: bool = True) -> Done:
    """Run a line of bash in a folder, with an environment's commands first on the path."""
    path = f"{environment / 'bin'}{os.pathsep}{KEPT['PATH']}"
    store = str(environment / "store")
    began = time.perf_counter()
    done = subprocess.run(
        [*(OFFLINE if offline else ()), "bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**KEPT, **QUIET, "RECIPEC_STORE": store, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Done(command, done.returncode, time.perf_counter() - began, done.stdout)


def light(folder: Path) -> list[Done]:
    """Make an environment with recipec and the kit, from the package index."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    made = Done("python -m venv venv", 0, time.perf_counter() - began, "")
    installed = shell(folder, folder, f"pip install --quiet '{ROOT}' {KIT}", offline=False)
    return [made, installed._replace(command=f"pip install recipec {KIT}")]


def with_torch(folder: Path) -> None:
    """Make an environment that also sees what is installed where this script runs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    here = sysconfig.get_paths()["purelib"]
    site = folder / "lib" / version / "site-packages" / "_here.pth"
    site.write_text(f"import site; site.addsitedir({here!r})\n")
    modules = {"pip": "pip._internal.cli.main", "pytest": "pytest", "recipec": "recipec.cli.main"}
    for name, module in modules.items():
        file = folder / "bin" / name
        python = folder / "bin" / "python"
        file.write_text(f"#!{python}\nimport sys\nfrom {module} import main\nsys.exit(main())\n")
        file.chmod(0o755)


def author(environment: Path, folder: Path, kind: str) -> list[Done]:
    """Do what an author does first."""
    name = NAMES[kind]
    made = [shell(environment, folder, f"recipec plugins new {name} --kind {kind}")]
    for command in (
        INSTALL,
        "pytest -q",
        "recipec plugins doctor",
        f"recipec plugins show {name}",
        "recipec compile recipe.yaml --dry-run",
    ):
        made.append(shell(environment, folder / f"recipec-{name}", command))
    return made


def seconds(done: Sequence[Done]) -> Iterator[str]:
    """Write a table of commands."""
    yield "| command | s | exit | what it says |"
    yield "|---|---|---|---|"
    for one in done:
        yield f"| `{one.command}` | {one.seconds:.1f} | {one.code} | {_last(one)} |"
    yield f"| together | {sum(one.seconds for one in done):.1f} | | |"


def _last(done: Done) -> str:
    if "pip install" in done.command and not done.code:
        return ""
    lines = [line for line in done.said.splitlines() if line.strip()]
    if "plugins new" in done.command:
        return f"{len([line for line in lines if line.startswith('recipec-')])} files"
    if "show" in done.command:
        offered = [line.split()[0] for line in lines if re.match(r" {4}\w+\.\w", line)]
        return ", ".join(offered) or next(" ".join(x.split()) for x in lines if "hooks" in x)
    if "dry-run" in done.command:
        return lines[0] if lines else ""
    return lines[-1].strip("= ") if lines else ""


def stage_of(plan: str, shown: str) -> str:
    """Give the lines of a plan about one operator."""
    lines = plan.splitlines()
    start = next(i for i, line in enumerate(lines) if shown in line)
    end = next(i for i in range(start + 1, len(lines)) if not lines[i].startswith("     "))
    return "\n".join(line for line in lines[start:end] if "takes " not in line)


def main() -> None:
    """Measure, and write the page. Exits with 1 where a claim doesn't hold."""
    with tempfile.TemporaryDirectory(prefix="recipec-new-plugin-") as name:
        base = Path(name)
        bare, full = base / "light", base / "full"
        first = light(bare)
        with_torch(full)
        network = shell(bare, base, INTERFACES)
        torch = shell(bare, base, 'python -c "import torch"')
        runs = {"operator": author(full, base, "operator")}
        for kind in ("data", "report", "probe"):
            runs[kind] = author(bare, base, kind)
    failed = [
        f"{kind}: {one.command}\n{one.said}"
        for kind, done in runs.items()
        for one in done
        # What the light environment lacks, torch, blocks its recipes: exit code 4.
        if one.code not in ((0, 4) if "dry-run" in one.command and kind != "operator" else (0,))
    ]
    if network.said.strip() != "['lo']" or torch.code == 0:
        failed.append(f"there is a network or torch: {network.said}{torch.said}")
    for kind, shown in EXPECTED.items():
        if shown not in runs[kind][-1].said:
            failed.append(f"{kind}: no {shown} in its plan\n{runs[kind][-1].said}")
    if failed:
        sys.exit("\n".join(failed))
    text = "\n".join(page(first, runs, network, torch)) + "\n"
    PAGE.write_text(text.replace(name, "…"), encoding="utf-8")


def page(
    first: Sequence[Done], runs: dict[str, list[Done]], network: Done, torch: Done
) -> Iterator[str]:
    """Write the page."""
    yield "# A new plugin"
    yield ""
    yield "Made by `docs/evidence/new_plugin.py`, on a shared two-core machine. Once environments"
    yield "stand, every command runs in a namespace without a network; the interfaces there are"
    yield f"`{network.said.strip()}`."
    yield ""
    yield "## A technique (`--kind operator`)"
    yield ""
    yield "In a new virtual environment that also sees an installed torch."
    yield ""
    yield from seconds(runs["operator"])
    yield ""
    yield "Of the new operator the plan says:"
    yield ""
    yield "```text"
    yield stage_of(runs["operator"][-1].said, EXPECTED["operator"])
    yield "```"
    yield ""
    yield "## The other kinds, without torch"
    yield ""
    yield "A new virtual environment with recipec and what tests and builds need; `import torch`:"
    yield f"`{torch.said.strip().splitlines()[-1]}`. So the plans of the sample recipes say what is"
    yield "lacking, and end with exit code 4."
    yield ""
    yield from seconds(first)
    for kind in ("data", "report", "probe"):
        yield ""
        yield f"`--kind {kind}`:"
        yield ""
        yield from seconds(runs[kind])


if __name__ == "__main__":
    main()
