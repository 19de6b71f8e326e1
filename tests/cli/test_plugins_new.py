"""`recipec plugins new`: a distribution of each kind, whose tests pass at once."""

import json
import subprocess
import sys
import tomllib
from io import StringIO

import pytest

from fresh_environment import fresh_environment
from recipec.cli import main as cli
from recipec.cli.plugins.kinds import KINDS, names_for
from recipec.diagnostics import UsageError


def new(*arguments):
    """Call `recipec plugins new …`; give the exit code and what it printed."""
    out, err, code = StringIO(), StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        patch.setattr("sys.stderr", err)
        try:
            cli.main(["plugins", "new", *map(str, arguments)])
        except SystemExit as ended:
            code = ended.code
    return code, out.getvalue(), err.getvalue()


def read(folder):
    files = [f for f in folder.rglob("*") if f.is_file()]
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in files}


# What it makes


@pytest.mark.parametrize("kind", KINDS)
def test_its_project_is_named_as_it_is(kind, tmp_path):
    code, out, _ = new("my-thing", "--kind", kind, "--in", tmp_path)
    root = tmp_path / "recipec-my-thing"
    project = tomllib.loads((root / "pyproject.toml").read_text())
    assert code == 0
    assert project["project"]["name"] == "recipec-my-thing"
    assert project["project"]["entry-points"] == {"recipec": {"my_thing": "recipec_my_thing"}}
    assert (root / ".github" / "workflows" / "test.yml").is_file()
    assert (root / "recipec_my_thing" / "py.typed").is_file()
    assert {str(f) for f in root.rglob("*") if f.is_file()} <= {*out.splitlines()}


@pytest.mark.parametrize("kind", KINDS)
def test_no_placeholder_is_left(kind, tmp_path):
    new("acme", "--kind", kind, "--in", tmp_path)
    for name, content in read(tmp_path).items():
        text = content.decode()
        left = [mark for mark in ("<<", "<%", "PACKAGE", ".j2", "dot-") if mark in name + text]
        assert left == [], name


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_clean_and_formatted(kind, tmp_path):
    new("acme", "--kind", kind, "--in", tmp_path)
    root = tmp_path / "recipec-acme"
    for tool in (
        ["ruff", "check", "--no-cache", "--select", "E,F,I,B,UP,SIM,N,PT", "."],
        ["ruff", "format", "--no-cache", "--check", "."],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *tool], cwd=root, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.frameworks
@pytest.mark.slow
def test_its_types_are_right(tmp_path):
    folders = []
    for kind in KINDS:
        new(f"a-{kind}", "--kind", kind, "--in", tmp_path)
        folders.append(f"recipec-a-{kind}/recipec_a_{kind}")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run([*mypy, *folders], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    [
        "operator",  # without torch its run is skipped, and its plan is checked
        "report",
        "probe",
        pytest.param("data", marks=pytest.mark.frameworks),  # it reads with NumPy
    ],
)
def test_its_tests_pass_at_once_and_it_is_found(kind, tmp_path):
    environment = fresh_environment(tmp_path)
    environment.done(f"recipec plugins new acme --kind {kind}")
    environment.done("cd recipec-acme; pip install --no-deps -e .")
    assert " passed" in environment.done("cd recipec-acme; pytest")
    assert "failed to load" not in environment.done("recipec plugins show acme")
    # Once what its version makes is committed, a CI service runs the same.
    again = "cd recipec-acme; pytest" + (" -k version" if KINDS[kind].operators else "")
    assert " passed" in environment.done(again, CI="true")


@pytest.mark.frameworks
@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "shown"),  # `operator` is that of docs/plugins.md, which a test follows
    [("data", "acme.table"), ("probe", "acme.pack@1")],
)
def test_a_dry_run_of_its_recipe_shows_its_operator(kind, shown, tmp_path):
    environment = fresh_environment(tmp_path)
    environment.done(f"recipec plugins new acme --kind {kind}; pip install -e recipec-acme")
    said = environment.done("cd recipec-acme; recipec compile recipe.yaml --dry-run")
    assert shown in said
    assert "plugins acme: recipec-acme 0.1.0 (>=0.1,<1)" in said


@pytest.mark.frameworks
@pytest.mark.slow
def test_a_report_shows_its_section_and_its_observer_follows_the_run(tmp_path):
    environment = fresh_environment(tmp_path)
    environment.done("recipec plugins new acme --kind report; pip install -e recipec-acme")
    environment.done("cd recipec-acme; recipec compile recipe.yaml", RECIPEC_ACME_LOG="log.jsonl")
    folder = environment.work / "recipec-acme"
    report = (folder / "runs" / "acme-example" / "report.html").read_text()
    assert "Where the time went" in report
    assert "could not render" not in report
    ended = [json.loads(line)["stage"] for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [id for id in ended if "." not in id and id != "measure"] == [
        "model",
        "trained",
        "pruned",
        "retrained",
    ]


def test_the_template_is_in_the_wheel(request):
    from hatchling.builders.wheel import WheelBuilder

    root = request.config.rootpath
    template = root / "recipec" / "plugin_template"
    packed = {f.distribution_path for f in WheelBuilder(str(root)).recurse_included_files()}
    files = [f.relative_to(root).as_posix() for f in template.rglob("*.j2")]
    assert len(files) > 30
    assert {*files} <= packed


# Names


@pytest.mark.parametrize(
    ("given", "name", "distribution", "package"),
    [
        ("acme", "acme", "recipec-acme", "recipec_acme"),
        ("my-thing", "my_thing", "recipec-my-thing", "recipec_my_thing"),
        ("my_thing2", "my_thing2", "recipec-my-thing2", "recipec_my_thing2"),
    ],
)
def test_a_name_gives_the_others(given, name, distribution, package):
    assert names_for(given) == (name, distribution, package)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("Acme", "for example acme"),
        ("2fast", "for example fast"),
        ("my thing", "for example my-thing"),
        ("a--b", "for example a-b"),
        ("-x", "for example x"),
        ("é", "for example acme"),
        ("../up", "for example up"),
        ("", "for example acme"),
        ("a" * 41, f"for example {'a' * 40}"),
        ("recipec-acme", "recipec plugins new acme"),
        ("recipec", "for example acme"),
    ],
)
def test_a_name_that_cannot_be_has_one_that_can_as_its_hint(given, hint):
    with pytest.raises(UsageError) as raised:
        names_for(given)
    (problem,) = raised.value.diagnostics
    assert (problem.code, problem.hint) == ("plugin-name", hint)


def test_the_name_of_an_installed_plugin_is_taken(tmp_path):
    code, _, err = new("prune", "--in", tmp_path)
    assert code == 2
    assert "error[plugin-name]: there is a plugin 'prune' already, of recipec" in err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    new("acme", "--in", tmp_path)
    (tmp_path / "recipec-acme" / "mine.txt").write_text("mine")
    before = read(tmp_path)
    code, _, err = new("acme", "--in", tmp_path, "--kind", "data")
    assert code == 2
    assert "error[plugin-folder]" in err
    assert "is there already; nothing was written" in err
    assert read(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = new("acme", "--in", tmp_path / "file")
    assert code == 2
    assert "error[plugin-folder]" in err
    assert "can't be written" in err
