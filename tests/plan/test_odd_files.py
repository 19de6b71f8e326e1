"""Names that no file can have, and what is no file, are refused where they are named."""

import os

import pytest

import recipec
from recipec.plan import Forgetful, Machine, Planning, make_plan

HEAD = "apiVersion: recipec/v1\nname: odd\n"
STAGE = "stages:\n  - {id: a, uses: toys.scale}\n"


@pytest.fixture
def planned(tmp_path, toys):
    def plan(text):
        path = tmp_path / "recipe.yaml"
        path.write_text(text)
        recipe = recipec.load_recipe(path)
        return make_plan(Planning(recipe, toys, Machine(toys.capabilities), Forgetful()))

    return plan


def with_file(name):
    data = f'data:\n  d: {{uses: toys.numbers, with: {{file: "{name}"}}}}\n'
    return f"{HEAD}model: {{uses: toys.model}}\n{data}{STAGE}"


def with_code(code):
    return f'{HEAD}model: {{uses: toys.model, with: {{code: "{code}"}}}}\n{STAGE}'


ODD = {
    "too long": "x" * 300,
    "no character of a name": r"a\0b",
    "a home that nobody has": "~nobody-of-this-name/x",
    "a path too long": "/".join(["x" * 200] * 40),
    "a device": "/dev/zero",
    "a pipe": "pipe",
    "a link to itself": "loop",
    "below a file": "recipe.yaml/x",
}


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_what_is_no_file_is_refused_where_it_is_named(planned, tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(recipec.RecipeError) as caught:
        planned(with_file(name))
    (told,) = caught.value.diagnostics
    assert (told.code, told.span.line, told.span.column) == ("missing-file", 5, 40)


@pytest.mark.parametrize("name", ["x" * 300 + ".py:f", r"a\0b.py:f", "pipe.py:f", "folder.py:f"])
def test_what_can_be_no_code_is_refused_where_it_is_named(planned, tmp_path, name):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(recipec.RecipeError) as caught:
        planned(with_code(name))
    (told,) = caught.value.diagnostics
    assert (told.code, told.span.line, told.span.column) == ("missing-file", 3, 40)


@pytest.mark.parametrize("code", ["os:getcwd", "sys:exit", "__main__:x", "no_such_module:x"])
def test_code_that_is_in_no_file_has_an_identity(planned, code):
    assert planned(with_code(code)).node("model").ingredients["params"]["code"]["digest"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"x = 1\0", "code.py"),
        (b"x = " + b"(" * 5000 + b")" * 5000, "code.py:1"),
        (b"x = " + b"-" * 10**6 + b"1", "code.py"),
        (b"x = '\xe9'\n", "code.py:1"),
    ],
    ids=["a null byte", "nested", "nested without brackets", "Latin-1"],
)
def test_code_that_is_not_python_is_an_error(planned, tmp_path, source, said):
    (tmp_path / "code.py").write_bytes(source)
    with pytest.raises(recipec.RecipeError) as caught:
        planned(with_code("code.py:f"))
    (told,) = caught.value.diagnostics
    assert (told.code, told.span.line) == ("operator", 3)
    assert said in told.message


def test_code_may_import_from_above_all_folders(planned, tmp_path):
    (tmp_path / "code.py").write_text(f"def f():\n    from {'.' * 60}x import y\n")
    assert planned(with_code("code.py:f"))
