"""How names of the API end: with a warning first, that says when."""

import ast
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pluggy
import pytest
from packaging.version import Version
from pydantic import Field

import recipec.api
from recipec.api import Params
from recipec.api.deprecation import Ending, ending_name
from recipec.api.version import API_VERSION

ENDING = Ending(since="1.1", ends="2.0", instead="Operator")
SAID = "recipec.api.Technique is deprecated since API 1.1 and ends in 2.0: use Operator"
FORM = re.compile(r"recipec\.\S+ is deprecated since API (\d+\.\d+) and ends in (\d+\.\d+): use .+")
SOURCES = sorted(Path(recipec.api.__file__).parent.rglob("*.py"))


def test_a_name_that_ends_warns_where_it_is_used_and_gives_what_is_used_instead(monkeypatch):
    monkeypatch.setattr(recipec.api, "_ENDING", {"Technique": ENDING})
    with pytest.warns(DeprecationWarning, match=f"^{re.escape(SAID)}$") as caught:
        from recipec.api import Technique
    assert Technique is recipec.api.Operator
    assert {warning.filename for warning in caught} == {__file__}


def test_what_has_moved_is_found_where_it_is_now():
    moved = Ending(since="1.2", ends="2.0", instead="recipec.api.version:API_VERSION")
    with pytest.warns(DeprecationWarning, match=r"m\.OLD .*: use recipec\.api\.version\.API_VERSI"):
        assert ending_name("m", {"OLD": moved}, "OLD") == API_VERSION


def test_any_other_name_is_an_error_as_ever(monkeypatch):
    monkeypatch.setattr(recipec.api, "_ENDING", {"Technique": ENDING})
    with pytest.raises(ImportError, match="cannot import name 'Techniqe'"):
        from recipec.api import Techniqe  # noqa: F401 (it isn't there)
    with pytest.raises(AttributeError, match="has no attribute 'x'"):
        ending_name("m", {"y": ENDING}, "x")


def test_a_function_or_class_that_ends_warns_when_it_is_called():
    from typing_extensions import deprecated

    @deprecated(SAID)
    class Technique:
        pass

    with pytest.warns(DeprecationWarning, match="ends in 2.0"):
        Technique()


def test_a_hook_that_ends_warns_whoever_implements_it():
    spec, impl = pluggy.HookspecMarker("recipec"), pluggy.HookimplMarker("recipec")

    class Hooks:
        @spec(warn_on_impl=ENDING.warning("recipec.api.hookspecs.recipec_old"))
        def recipec_old(self): ...

    class Plugin:
        @impl
        def recipec_old(self): ...

    manager = pluggy.PluginManager("recipec")
    manager.add_hookspecs(Hooks)
    with pytest.warns(DeprecationWarning, match=r"recipec_old is deprecated since API 1\.1"):
        manager.register(Plugin())


def test_a_parameter_that_ends_is_struck_out_in_editors():
    class OldParams(Params):
        share: float = Field(0.5, description="x", deprecated=ENDING.message("acme.shrink.share"))

    assert OldParams.model_json_schema()["properties"]["share"]["deprecated"] is True
    with pytest.warns(DeprecationWarning, match=r"acme\.shrink\.share .* ends in 2\.0"):
        assert OldParams().share == 0.5


def test_nothing_is_deprecated_that_should_be_gone_and_all_say_when():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and "deprecated" in ast.dump(decorator.func):
                        text = ast.literal_eval(decorator.args[0])
                        _check(text, f"{path.name}:{node.lineno}")
    for name, ending in recipec.api._ENDING.items():
        _check(ending.message(f"recipec.api.{name}"), name)


def _check(text, where):
    found = FORM.fullmatch(text)
    assert found, f"{where} says {text!r}: take the words of Ending.message"
    since, ends = map(Version, found.groups())
    assert since <= Version(API_VERSION) < ends, f"{where}: it ends in {ends}, so take it out"
    assert since.release[:1] < ends.release[:1], f"{where}: only a major version may end a name"


@pytest.mark.parametrize("text", [SAID.replace("2.0", "1.9"), "old; don't use", SAID + "\n"])
def test_a_wrong_deprecation_is_found(text):
    with pytest.raises(AssertionError):
        _check(text, "here")


def test_using_the_api_as_it_is_warns_of_nothing():
    script = "import recipec.api as a\nfor name in a.__all__: getattr(a, name)"
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_a_deprecation_costs_nothing_at_start_up():
    script = "import sys, recipec.api; print('recipec.api.deprecation' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout == "False\n"


def test_warnings_are_shown_once_for_each_place(monkeypatch):
    monkeypatch.setattr(recipec.api, "_ENDING", {"Technique": ENDING})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            recipec.api.Technique  # noqa: B018 (looking it up is what warns)
    assert len(caught) == 1
