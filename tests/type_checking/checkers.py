"""Runs mypy and pyright over a folder, and reads what a case expects of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MARK = re.compile(r"#\s*E:\s*(?P<mypy>[^|]*?)\s*(?:\|\s*(?P<pyright>.*))?$")
"""`# E: CODE, CODE | RULE`: what mypy says on this line, and pyright, without its `report`."""


class Error(NamedTuple):
    """What a checker says: the file's name, the line from 1, and its code."""

    file: str
    line: int
    code: str


def expected(folder: Path, checker: str) -> set[Error]:
    """Give the errors that comments of the cases name."""
    return set(_expected(folder, checker))


def _expected(folder: Path, checker: str) -> Iterator[Error]:
    for path in folder.glob("*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            codes = (found[checker] or "") if (found := MARK.search(line)) else ""
            report = "report" if checker == "pyright" else ""
            for code in filter(None, re.split(r"[,\s]+", codes)):
                yield Error(path.name, number, report + code)


def mypy(folder: Path, cache: Path) -> set[Error]:
    """Check a folder with `mypy --strict`, as far as its own settings go and no others."""
    options = ["--strict", "--config-file=", "--no-error-summary", f"--cache-dir={cache}"]
    command = [sys.executable, "-m", "mypy", *options, "--show-error-codes", str(folder)]
    text = _run(command, folder)
    errors = re.findall(r"^(.+?):(\d+): error: .*\[([\w-]+)\]$", text, re.M)
    assert text.count(": error: ") == len(errors), text
    return {Error(Path(file).name, int(line), code) for file, line, code in errors}


def pyright(folder: Path) -> set[Error]:
    """Check a folder with pyright as it is by default."""
    options = ["--outputjson", "--pythonpath", sys.executable]
    command = [sys.executable, "-m", "pyright", *options, str(folder)]
    told = json.loads(_run(command, folder))["generalDiagnostics"]
    return {
        Error(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one.get("rule", "syntax"))
        for one in told
        if one["severity"] == "error"
    }


def _run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: there are errors
    return done.stdout
