"""An editor: yaml-language-server as its makers publish it, pinned by `package-lock.json` here.

Without Node.js these tests are skipped, unless RECIPEC_REQUIRE_EDITOR is set (`.ci/run` sets it).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from editor.language_server import LanguageServer
from recipec.cli.main import cli

HERE = Path(__file__).parent
SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {}}}
SETTINGS["yaml"]["schemaStore"]["enable"] = False  # it would be asked for over the network


def unavailable(reason):
    if os.environ.get("RECIPEC_REQUIRE_EDITOR"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def server_program(request):
    """The program of the server, installed once for each lock file."""
    if not (shutil.which("node") and shutil.which("npm")):
        unavailable("Node.js isn't installed")
    files = [HERE / name for name in ("package.json", "package-lock.json", ".npmrc")]
    key = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
    folder = request.config.cache.mkdir("editor") / key
    if not folder.exists():
        fresh = folder.with_name(f"{key}.{os.getpid()}")
        fresh.mkdir()
        for file in files:
            shutil.copy(file, fresh)
        command = ["npm", "ci", "--ignore-scripts"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(fresh)
            unavailable(f"npm ci failed: {done.stderr[-500:]}")
        try:
            fresh.rename(folder)
        except OSError:  # another test run was first
            shutil.rmtree(fresh)
    return folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"


@pytest.fixture(scope="session")
def editor(server_program, tmp_path_factory):
    """An editor in a folder with the schema that `recipec schema` writes for what is installed."""
    folder = tmp_path_factory.mktemp("editor")
    cli.main(["schema", "--write", str(folder)], standalone_mode=False)
    with LanguageServer(["node", str(server_program), "--stdio"], folder, SETTINGS) as server:
        yield server
