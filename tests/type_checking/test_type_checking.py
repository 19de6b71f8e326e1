"""What type checkers report of a plugin that is written wrong: exactly what its comments say."""

import shutil
from pathlib import Path

import pytest

from recipec.api import hook_types, hookspecs
from type_checking.checkers import Error, expected, mypy, pyright

CASES = Path(__file__).parent / "cases"


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """The cases outside of the repository, whose settings are none of a plugin's."""
    return shutil.copytree(CASES, tmp_path_factory.mktemp("acme") / "cases")


@pytest.fixture(scope="module")
def by_mypy(cases, request):
    return mypy(cases, request.config.cache.mkdir("typing-mypy"))


@pytest.fixture(scope="module")
def by_pyright(cases):
    pytest.importorskip("pyright")  # in the dev extra
    return pyright(cases)


FILES = sorted(path.name for path in CASES.glob("*.py"))


def of(file, errors):
    return sorted(error for error in errors if error.file == file)


@pytest.mark.parametrize("file", FILES)
def test_mypy_reports_exactly_what_is_wrong(file, cases, by_mypy):
    assert of(file, by_mypy) == of(file, expected(cases, "mypy"))


@pytest.mark.parametrize("file", FILES)
def test_pyright_reports_exactly_what_is_wrong(file, cases, by_pyright):
    assert of(file, by_pyright) == of(file, expected(cases, "pyright"))


def test_every_hook_is_among_the_types_of_hooks():
    types = Path(hook_types.__file__).read_text()
    specs = [spec for name, spec in vars(hookspecs).items() if name.startswith("recipec_")]
    assert len(specs) >= 10
    for spec in specs:
        *arguments, returned = spec.__annotations__.values()  # text, as they are postponed
        assert f"Callable[[{', '.join(arguments)}], {returned}]" in types, spec.__name__


def test_the_cases_expect_something():
    for checker in ("mypy", "pyright"):
        marked = expected(CASES, checker)
        assert {error.file for error in marked} == {*FILES} - {"good.py"}
        assert len(marked) > 30


def test_expectations_are_read_from_the_line_they_stand_on(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny: int = ''  # E: assignment | A, B\n")
    assert expected(tmp_path, "mypy") == {Error("a.py", 2, "assignment")}
    assert expected(tmp_path, "pyright") == {Error("a.py", 2, f"report{n}") for n in "AB"}
