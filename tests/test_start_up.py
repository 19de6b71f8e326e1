"""What must be quick imports no framework: seen in a child process."""

import json
import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "numpy",
    "onnx",
    "onnxruntime",
    "tensorrt",
    "tensorrt_rtx",
    "jinja2",
    "rich",
    "sklearn",
)
SCRIPT = """
import json, sys
from recipec.cli.main import main
try:
    main({arguments!r})
except SystemExit as ended:
    code = ended.code
print(json.dumps([code, sorted(set({heavy!r}) & set(sys.modules))]))
"""


def imported(*arguments):
    """Give the exit code of a command and the heavy packages it imported."""
    script = SCRIPT.format(arguments=list(arguments), heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return tuple(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["plugins"],
        ["validate", "recipes/seven-steps.yaml"],
        ["compile", "--help"],
    ],
    ids=" ".join,
)
def test_light_commands_import_no_framework(arguments, monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    assert imported(*arguments) == (0, [])


def test_the_package_itself_imports_nothing():
    script = "import sys, recipec; print(sorted(m for m in sys.modules if m.startswith('recipec')))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['recipec']"
