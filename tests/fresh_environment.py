"""An environment of its own in a second: what this Python has, and whatever is installed on top."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

COMMANDS = {
    "pip": "from pip._internal.cli.main import main",
    "pytest": "from pytest import main",
    "recipec": "from recipec.cli.main import main",
}
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the other way round: 0 is "no isolation"
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_ROOT_USER_ACTION": "ignore",
}


class FreshEnvironment(NamedTuple):
    """A virtual environment in `folder`; commands run in `work`, with no package index to ask."""

    folder: Path
    work: Path

    def run(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run lines of bash; what they print, errors too, is the result's `stdout`."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("RECIPEC_", "PYTEST_"))}
        kept.pop("CI", None)  # under which a golden file that is missing fails
        store = {"RECIPEC_STORE": str(self.folder / "store"), "COLUMNS": "100"}
        path = {"PATH": f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.work,
            env={**kept, **OFFLINE, **store, **path, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )

    def done(self, command: str, **variables: str) -> str:
        """Run lines of bash that must succeed; give what they print."""
        ended = self.run(command, **variables)
        assert ended.returncode == 0, f"$ {command}\n{ended.stdout}"
        return ended.stdout

    def command(self, name: str, script: str) -> None:
        """Put a command written in Python on its path."""
        file = self.folder / "bin" / name
        file.write_text(f"#!{self.folder / 'bin' / 'python'}\n{script}\n")
        file.chmod(0o755)


def fresh_environment(folder: Path) -> FreshEnvironment:
    """Make an environment that sees what is installed here; what it installs is in it alone."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    made = FreshEnvironment(folder / "venv", folder / "work")
    made.work.mkdir()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = made.folder / "lib" / version / "site-packages"
    here = sysconfig.get_paths()["purelib"]
    # `addsitedir`, as editable installs there are .pth files too.
    (site / "_here.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    for name, imported in COMMANDS.items():
        made.command(name, f"import sys\n{imported}\nsys.exit(main())")
    return made
