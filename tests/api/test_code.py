"""Code that a recipe names: which files it is, and that it is loaded as it stands there."""

import sys

import pytest

from recipec.api import ImportString, OperatorError
from recipec.api.code import beside, load_object, local_files


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_the_modules_beside_a_file_are_found_and_no_others(tmp_path):
    write(tmp_path, model="import parts, json\nfrom deep import inner", parts="", other="")
    write(
        tmp_path / "deep",
        inner="from . import sibling\nfrom .more import x",
        sibling="",
        more="x = 1",
    )
    (tmp_path / "deep" / "__init__.py").write_text("")
    found = {p.relative_to(tmp_path).as_posix() for p in local_files(tmp_path / "model.py")}
    inside = {f"deep/{name}.py" for name in ("__init__", "inner", "sibling", "more")}
    assert found == {"model.py", "parts.py"} | inside


def test_two_models_each_have_their_own_parts(tmp_path):
    one = write(tmp_path / "one", model="from parts import A", parts="A = 1")
    two = write(tmp_path / "two", model="from parts import A", parts="A = 2")
    code = ImportString("model.py:A")
    assert [load_object(code, folder) for folder in (one, two, one)] == [1, 2, 1]
    assert "parts" not in sys.modules
    assert str(one) not in sys.path


def test_changed_parts_are_loaded_anew(tmp_path):
    folder = write(tmp_path / "mine", model="from parts import A", parts="A = 1")
    assert load_object(ImportString("model.py:A"), folder) == 1
    write(folder, parts="A = 22")
    assert load_object(ImportString("model.py:A"), folder) == 22


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("A = 1", "B", "has no 'B'"),
        ("A = 1 / 0", "A", "ZeroDivisionError"),
        ("import no_such_thing", "A", "No module named 'no_such_thing'"),
        ("def f(:", "f", "model.py:1"),
    ],
)
def test_what_is_wrong_with_code_is_said(tmp_path, text, name, said):
    folder = write(tmp_path, model=text)
    with pytest.raises(OperatorError, match=said):
        load_object(ImportString(f"model.py:{name}"), folder)


def test_an_installed_object_is_loaded():
    import json

    assert load_object(ImportString("json:dumps")) is json.dumps


def test_user_code_that_exits_is_an_error(tmp_path):
    folder = write(tmp_path, m="import sys\nsys.exit(0)")
    with pytest.raises(OperatorError, match="SystemExit"):
        load_object(ImportString("m.py:f"), folder)


def test_a_sibling_may_be_imported_when_the_code_is_called(tmp_path):
    folder = write(tmp_path, m="def f():\n    import parts\n    return parts.A", parts="A = 1")
    code = ImportString("m.py:f")
    function = load_object(code, folder)
    with beside(code, folder):
        assert function() == 1
