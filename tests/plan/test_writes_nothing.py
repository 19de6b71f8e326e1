"""Planning writes nothing outside its cache: a child process is watched while it plans."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from toys.bench import TOY_RECIPE

WATCHED = """
import os, sys

written = []
PATHS = {  # audit events, and which of their arguments are changed
    "os.mkdir": [0], "os.rmdir": [0], "os.remove": [0], "os.rename": [0, 1], "os.link": [1],
    "os.symlink": [1], "os.truncate": [0], "os.chmod": [0], "os.chown": [0], "os.utime": [0],
    "os.setxattr": [0], "shutil.rmtree": [0], "tempfile.mkstemp": [0], "tempfile.mkdtemp": [0],
    "sqlite3.connect": [0],
}
CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & CHANGES:
        written.append((event, os.path.abspath(os.fsdecode(arguments[0]))))
    for index in PATHS.get(event, ()):
        if isinstance(arguments[index], (str, bytes, os.PathLike)):
            written.append((event, os.path.abspath(os.fsdecode(arguments[index]))))


sys.addaudithook(watch)
"""
TOYS_ONLY = """
import recipec.compiler, recipec.registry
from toys.bench import TOYS
toys = recipec.registry.discover([TOYS])
recipec.compiler.discover = recipec.registry.discover = lambda: toys
"""
CALLED = """
import json
from recipec.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    sys.stdout.flush()
    print(json.dumps({"code": ended.code, "written": written}), file=sys.stderr)
"""


class Watched:
    """Calls `recipec …` in a project that nothing may be written to, with a home of its own."""

    def __init__(self, folder, tests):
        self.home, self.project = folder / "home", folder / "project"
        self.temporary = folder / "tmp"
        for place in (self.home, self.project, self.temporary):
            place.mkdir()
        self.cache = self.home / ".cache" / "recipec"
        # torch, when another test of this process has imported it, names its cache folder there
        foreign = ("RECIPEC", "XDG_", "TORCHINDUCTOR_")
        kept = {n: v for n, v in os.environ.items() if not n.startswith(foreign)}
        self.environment = {
            **kept,
            "HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",  # the interpreter's own cache
            "PYTHONPATH": str(tests),
        }

    def __call__(self, *arguments, prepare="", expected=0):
        """Run a command; give everything that was written."""
        before = self.files()
        self.project.chmod(0o555)
        try:
            done = subprocess.run(
                [sys.executable, "-c", WATCHED + prepare + CALLED, *arguments],
                cwd=self.project,
                env=self.environment,
                capture_output=True,
                text=True,
            )
        finally:
            self.project.chmod(0o755)
        told = json.loads(done.stderr.splitlines()[-1])
        assert told["code"] == expected, done.stderr
        assert self.files() == before
        return [Path(path) for _, path in told["written"] if path != os.devnull]

    def files(self):
        """Give all files outside the cache, with their times."""
        places = (self.project, self.temporary, self.home)
        return {
            path: (path.stat().st_mtime_ns, path.stat().st_size)
            for place in places
            for path in place.rglob("*")
            if path.is_file() and not path.is_relative_to(self.cache)
        }


@pytest.fixture
def watched(tmp_path, request):
    return Watched(tmp_path, request.config.rootpath / "tests")


def test_what_is_written_is_seen(watched):
    """The watch itself: a run writes, and that is noticed."""
    (watched.project / "recipe.yaml").write_text(TOY_RECIPE)
    out = watched.temporary.parent / "out"
    written = watched("compile", "recipe.yaml", "-o", str(out), prepare=TOYS_ONLY)
    assert any(path.is_relative_to(out.parent) for path in written)
    assert any(path.name == "entry.json" or "staging" in path.parts for path in written)


COMMANDS = [
    ["compile", "recipe.yaml", "--dry-run"],
    ["compile", "recipe.yaml", "--dry-run", "--format", "json"],
    ["compile", "recipe.yaml", "--dry-run", "--layers"],
    ["compile", "recipe.yaml", "--dry-run", "--explain", "small"],
    ["compile", "recipe.yaml", "--dry-run", "--locked"],
    ["apply", "plan.json", "--dry-run"],
    ["diff", "plan.json", "recipe.yaml"],
    ["lock", "recipe.yaml", "--check"],
    ["validate", "recipe.yaml"],
    ["render", "recipe.yaml"],
]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory, request):
    """A project with a saved plan and a lock."""
    tests = request.config.rootpath / "tests"
    watched = Watched(tmp_path_factory.mktemp("reviewed"), tests)
    (watched.project / "recipe.yaml").write_text(TOY_RECIPE)
    for made in (["compile", "recipe.yaml", "--plan-out", "plan.json"], ["lock", "recipe.yaml"]):
        subprocess.run(
            [sys.executable, "-c", WATCHED + TOYS_ONLY + CALLED, *made],
            cwd=watched.project,
            env=watched.environment,
            capture_output=True,
            check=True,
        )
    return watched


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_that_only_look_write_nothing(reviewed, command):
    assert reviewed(*command, prepare=TOYS_ONLY) == []


@pytest.mark.frameworks
def test_a_model_that_is_looked_at_is_remembered_in_the_cache_alone(watched, request):
    recipe = request.config.rootpath / "recipes" / "seven-steps.yaml"
    (watched.project / "recipe.yaml").write_text(recipe.read_text())
    command = ("compile", "recipe.yaml", "--dry-run")
    written = watched(*command)
    outside = {path for path in written if not path.is_relative_to(watched.cache)}
    assert outside <= set(watched.cache.parents)  # the folders that lead there
    assert {path.name for path in watched.cache.glob("v1/*")} == {"inspections", "scratch"}
    assert watched(*command) == []
