"""Broken recipes, each with the errors expected of it as comments on the very lines.

`# expect: CODE at COLUMN` stands on the line where the error must be; nothing more may come. That
holds also for the files in `bases/` that a recipe extends. A first line `# set: NAME=VALUE` or
`# preset: NAME` says what is given on the command line; an error expected on it is one within the
setting. After a code and a place, `; says: TEXT` is something that the message or its hint must
say. Recipes use the toy plugin (`tests/toys`).
"""

import re
from collections import Counter
from pathlib import Path

import pytest

import recipec
from recipec.compiler import compile_variants

HERE = Path(__file__).parent
BROKEN = sorted(HERE.glob("*.yaml"))
EXPECTED = re.compile(r"expect: (?P<code>[a-z-]+) at (?P<column>\d+)")
SAID = re.compile(r"expect: [a-z-]+ at \d+; says: (?P<text>.*)")
GIVEN = re.compile(r"# (?P<option>set|preset): (?P<value>\S+)")
BASE = re.compile(r"bases/[\w-]+\.yaml|circle(-back)?\.yaml")


def expected(path, setting=None):
    found = Counter()
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        file = f"--set {setting}" if number == 1 and setting else str(path)
        for one in EXPECTED.finditer(line):
            found[file, one["code"], number, int(one["column"])] += 1
    return found


def files(path):
    """The recipe, and all that it extends."""
    found, waiting = [], [path]
    while waiting:
        file = waiting.pop()
        if file not in found and file.is_file():
            found.append(file)
            names = BASE.finditer(file.read_text(encoding="utf-8", errors="replace"))
            waiting += [file.parent / name[0] for name in names]
    return found


def diagnostics(path, catalog):
    """What recipec says of a recipe, given what its first line says is given."""
    setting, preset = given(path)
    settings, presets = [setting] if setting else [], [preset] if preset else []
    try:
        recipes = recipec.load_variants(path, settings, presets)
        compile_variants(recipes, catalog=catalog, store=path.parent / "no-store")
    except recipec.RecipecError as problem:
        return problem.diagnostics
    return ()


def given(path):
    first = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    options = {one["option"]: one["value"] for one in GIVEN.finditer(first)}
    return options.get("set"), options.get("preset")


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_errors_are_exactly_those_expected(path, toys):
    wanted = expected(path, given(path)[0])
    for base in files(path)[1:]:
        wanted += expected(base)
    places = [(d.code, d.span) for d in diagnostics(path, toys)]
    told = Counter((str(span.file), code, span.line, span.column) for code, span in places)
    assert wanted == told != Counter()


WORDED = [path for path in BROKEN if SAID.search(path.read_text(errors="replace"))]


@pytest.mark.parametrize("path", WORDED, ids=lambda path: path.stem)
def test_errors_say_what_is_expected(path, toys):
    said = [f"{one.message}\n{one.hint}" for one in diagnostics(path, toys)]
    for text in (one["text"].strip() for one in SAID.finditer(path.read_text())):
        assert any(text in one for one in said), said


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_no_error_speaks_of_python(path, toys):
    words = r"\b(dict|tuple|str|int|None|True|False|Input|instance|validator|Literal|pydantic)\b"
    for one in diagnostics(path, toys):
        assert not re.search(words, f"{one.message} {one.hint or ''}"), one
