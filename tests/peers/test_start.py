"""A fresh install answers at once: what `--help` loads is the command line, no framework."""

import json
import subprocess
import sys

LIGHT = {"click", "recipec", "yaml"}
SCRIPT = """
import json, sys
before = set(sys.modules)
from recipec.cli.main import main
try:
    main(["--help"])
except SystemExit as ended:
    code = ended.code
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps([code, sorted(root for root in roots if "cython" not in root)]))
"""


def test_help_loads_the_command_line_and_nothing_else(place):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=place.folder, capture_output=True, text=True, check=True
    )
    shown, _, last = done.stdout.rstrip().rpartition("\n")
    code, roots = json.loads(last)
    assert code == 0
    assert "compile" in shown
    assert set(roots) - sys.stdlib_module_names <= LIGHT
