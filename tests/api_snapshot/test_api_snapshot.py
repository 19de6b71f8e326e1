"""The public API is what `api.txt` says; to change that is a decision (`update.py`)."""

import subprocess
import sys

import pytest

pytest.importorskip("griffe")  # in the dev extra; a plugin author's environment may lack it

from api_snapshot.changes import changes, name_of
from api_snapshot.describe import public_api
from api_snapshot.update import SNAPSHOT


@pytest.fixture(scope="module")
def api():
    return public_api()


def test_the_public_api_is_as_it_was_decided(api):
    found = changes(SNAPSHOT.read_text().splitlines(), api)
    assert SNAPSHOT.read_text().splitlines() == api, (
        f"the public API has changed:\n{found.told()}\n"
        "write it down with `python tests/api_snapshot/update.py`; docs/api-stability.md says what "
        "may change, and when API_VERSION rises"
    )


def test_every_name_is_told_once(api):
    names = [name_of(line) for line in api]
    assert len(names) == len(set(names))


def test_what_plugins_import_is_there(api):
    names = {name_of(line) for line in api}
    import recipec.api
    import recipec.testing

    assert {f"recipec.api.{name}" for name in recipec.api.__all__} <= names
    assert {f"recipec.testing.{name}" for name in recipec.testing.__all__} <= names
    assert "recipec.api.torch.load_module" in names
    assert "recipec.api.hookspecs.recipec_operators" in names
    assert "recipec.testing.RunContract.example_artifacts" in names


def described(folder, text):
    """Describe a package whose `api.operator` is this text."""
    package = folder / "recipec"
    (package / "api").mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    (package / "api" / "__init__.py").touch()
    (package / "api" / "operator.py").write_text(text)
    return public_api(folder)


def test_a_description_has_names_types_defaults_and_bounds(tmp_path):
    text = '''
from typing import Final, Literal
from typing_extensions import deprecated

Trait = Literal["a", "b"]
LIMIT: Final = 12
_HIDDEN = 3

class Params(Frozen):
    """Not told."""
    bits: int | None = Field(None, ge=1, description="not told either")
    _own: int = 0

    @property
    def room(self) -> int: ...

    @deprecated("recipec.api.old is deprecated")
    def old(self, a: int, *, b: str = "x") -> None: ...

def run(x: int, *rest: str) -> "Params": ...
'''
    where = "recipec.api.operator"
    assert described(tmp_path, text) == [
        f"{where}.LIMIT: Final",
        f"{where}.Params: class(Frozen)",
        f"{where}.Params.bits: int | None = Field(None, ge=1)",
        f"{where}.Params.room: int  (property)",
        f"{where}.Params.old(a: int, *, b: str = 'x') -> None  (deprecated)",
        f"{where}.Trait = Literal['a', 'b']",
        f"{where}.run(x: int, *rest: str) -> Params",
    ]


FUNCTION = "m.f(a: int, b: str = 'x', *, c: int = 0) -> int"
TUPLE = ["m.T: class(NamedTuple)", "m.T.a: int", "m.T.b: int = 0"]
PARAMS = ["m.P: class(Params)", "m.P.a: int = Field(1, ge=1)"]
ABSTRACT = "m.O.plan(a: int) -> int  (abstractmethod)"
HOOK = "recipec.api.hookspecs.recipec_lints() -> Iterable[Lint]"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([FUNCTION], ["m.f(a: int, b: str = 'x', d: int = 1, *, c: int = 0) -> int"]),
        ([FUNCTION], ["m.f(a: int, b: str = 'x', *, d: int = 1, c: int = 0) -> int"]),
        ([FUNCTION], [FUNCTION, "m.g() -> None"]),
        (TUPLE, [*TUPLE, "m.T.c: int = 0"]),
        (PARAMS, [PARAMS[0], "m.P.b: int = 0", PARAMS[1]]),
        ([HOOK], [HOOK.replace("()", "(plan: PlanView)")]),
    ],
)
def test_what_is_only_new_breaks_nothing(before, after):
    found = changes(before, after)
    assert found.broken == ()
    assert found.added


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([FUNCTION], []),
        ([FUNCTION], [FUNCTION.replace("a: int", "a: float")]),
        ([FUNCTION], [FUNCTION.replace("a: int", "z: int")]),
        ([FUNCTION], [FUNCTION.replace("-> int", "-> str")]),
        ([FUNCTION], [FUNCTION.replace("b: str = 'x'", "b: str")]),
        ([FUNCTION], ["m.f(d: int, a: int, b: str = 'x', *, c: int = 0) -> int"]),
        ([FUNCTION], ["m.f(a: int, d: int = 1, b: str = 'x', *, c: int = 0) -> int"]),
        ([FUNCTION], ["m.f(a: int, b: str = 'x', *, d: int, c: int = 0) -> int"]),
        (TUPLE, [TUPLE[0], "m.T.c: int = 0", *TUPLE[1:]]),
        (TUPLE, [*TUPLE, "m.T.c: int"]),
        (PARAMS, [*PARAMS, "m.P.b: int"]),
        (PARAMS, [PARAMS[0], PARAMS[1].replace("ge=1", "ge=2")]),
        (PARAMS, [PARAMS[0].replace("Params", "Frozen"), PARAMS[1]]),
        ([ABSTRACT], [ABSTRACT.replace("a: int", "a: int, b: int = 0")]),
        (["m.O: class(ABC)"], ["m.O: class(ABC)", ABSTRACT]),
        ([HOOK], [HOOK.replace("Lint", "Finding")]),
    ],
)
def test_what_may_break_a_plugin_is_named(before, after):
    assert changes(before, after).broken


def test_the_snapshot_is_not_rewritten_over_a_break_by_itself(tmp_path):
    (tmp_path / "tests").mkdir()
    for name in ("changes.py", "describe.py", "update.py"):
        target = tmp_path / "tests" / "api_snapshot" / name
        target.parent.mkdir(exist_ok=True)
        target.write_text((SNAPSHOT.parent / name).read_text())
    described(tmp_path, "def f() -> int: ...\n")
    snapshot = tmp_path / "tests" / "api_snapshot" / "api.txt"
    command = [sys.executable, str(snapshot.with_name("update.py"))]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert snapshot.read_text() == "recipec.api.operator.f() -> int\n"
    described(tmp_path, "def f() -> str: ...\ndef g() -> int: ...\n")
    refused = subprocess.run(command, check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "breaks  recipec.api.operator.f() -> int\n          is now" in refused.stdout
    assert "-> str" not in snapshot.read_text()
    assert subprocess.run([*command, "--break"], check=False, capture_output=True).returncode == 0
    assert "-> str" in snapshot.read_text()
