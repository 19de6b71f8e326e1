"""`recipec plugins`: list, show and doctor, on distributions that are really installed."""

import json
import re
from io import StringIO

import pytest

from installed_plugins import Site
from recipec.cli import main as cli
from recipec.registry.selection import BLOCK, ONLY

OPERATOR = """
from recipec.api import Capability, Facts, Lint, Operator, Params, Port, Requirement, hookimpl
from pydantic import Field

RECIPEC_API = ">=1.0,<2"

class Squashed(Facts):
    '''What squashing leaves.'''
    kind = "acme.squashed"

class SquashParams(Params):
    force: float = Field(2.0, description="How hard, in newtons.")
    name: str = Field(description="What to call it.")

class Squash(Operator):
    id, version, summary = "acme.squash", 3, "Squash a model"
    params = SquashParams
    outputs = {"squashed": Port(Squashed, "what is left")}
    requires = (
        Requirement("python:click>=1"),
        Requirement("python:no-such-package>=2", "pip install no-such-package"),
        Requirement("acme-press"),
    )
    def plan(self, inputs, context): ...
    def run(self, inputs, context): ...

@hookimpl
def recipec_operators():
    return [Squash]

@hookimpl
def recipec_artifact_kinds():
    return [Squashed]

@hookimpl
def recipec_capabilities():
    return [Capability("acme-press", lambda: None, "a press"),
            Capability("acme-scale", lambda: "1.5", "scales")]

@hookimpl
def recipec_lints():
    return [Lint("acme.flat", "a model that is flat", "json:no-page.md", lambda plan: ())]
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    return Site(tmp_path / "site", monkeypatch)


@pytest.fixture
def plugins():
    """Call `recipec plugins …`; give the exit code and what it printed."""

    def call(*arguments):
        out, err, code = StringIO(), StringIO(), 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", out)
            patch.setattr("sys.stderr", err)
            try:
                cli.main(["plugins", *arguments])
            except SystemExit as ended:
                code = ended.code
        return code, out.getvalue(), err.getvalue()

    return call


def as_json(plugins, *arguments):
    code, out, _ = plugins(*arguments, "--format", "json")
    return code, json.loads(out)


# list


def test_alone_it_lists_plugins_with_what_they_offer_and_why_one_offers_nothing(plugins, site):
    site.install("acme", OPERATOR)
    site.install("broken", "import no_such_module")
    code, out, _ = plugins()
    assert code == 0
    assert "acme  recipec-acme 1.0 (recipec_acme)\n  acme.squash@3   Squash a model\n" in out
    assert "  acme.flat  lint: a model that is flat\n" in out
    assert "  failed to load: ModuleNotFoundError: No module named 'no_such_module'\n" in out
    assert plugins("list") == plugins()


def test_as_json_it_says_of_each_where_it_comes_from_and_what_it_offers(plugins, site):
    site.install("acme", OPERATOR, editable=True)
    for arguments in (["list"], []):
        _, listed = as_json(plugins, *arguments)
        acme = next(one for one in listed["plugins"] if one["name"] == "acme")
        assert (acme["distribution"], acme["version"]) == ("recipec-acme", "1.0")
        assert acme["location"] == str(site.folder / "recipec_acme.py")
        assert (acme["editable"], acme["api"]) == (True, ">=1.0,<2")
        assert [kind["kind"] for kind in acme["kinds"]] == ["acme.squashed"]
        assert "recipec_lints" in acme["hooks"]
        assert acme["operators"][0]["missing"] == [
            "needs no-such-package (pip install no-such-package)",
            "needs acme-press",
        ]


def test_a_format_before_the_command_is_that_of_the_command(plugins, site):
    site.install("acme", OPERATOR)
    _, out, _ = plugins("--format", "json", "show", "acme")
    assert json.loads(out)["plugins"][0]["name"] == "acme"


# show


def test_show_says_all_of_one(plugins, site):
    site.install("acme", OPERATOR, editable=True)
    code, out, _ = plugins("show", "acme")
    assert code == 0
    for said in (
        f"location      {site.folder / 'recipec_acme.py'}, editable",
        "recipec.api   >=1.0,<2 (here 1.0)",
        "acme.squash@3  Squash a model",
        "nothing → acme.squashed",
        "needs click>=1",
        "can't run here: needs acme-press",
        "force  2.0; How hard, in newtons.",
        "name   required; What to call it.",
        "acme.squashed  What squashing leaves.",
        "acme-press  a press: not here",
        "acme-scale  scales: here 1.5",
        "acme.flat  a model that is flat",
    ):
        assert said in out, said


def test_show_has_the_traceback_where_it_is_asked_for(plugins, site):
    site.install("acme", "1 / 0")
    assert "-v shows the traceback" in plugins("show", "acme")[1]
    assert "Traceback" not in plugins("show", "acme")[1]
    out = plugins("show", "acme", "-v")[1]
    assert "failed to load: ZeroDivisionError: division by zero" in out
    assert re.search(r"Traceback.*recipec_acme\.py.*1 / 0", out, re.DOTALL)


def test_show_takes_a_distribution_and_names_both_claimants(plugins, site):
    site.install("acme")
    site.install("acme", distribution="acme-fork")
    for name in ("acme", "acme-fork", "Recipec_Acme"):
        out = plugins("show", name)[1]
        assert "claimed by acme-fork 1.0 and recipec-acme 1.0" in out
    _, shown = as_json(plugins, "show", "acme")
    assert [one["cause"] for one in shown["plugins"]] == ["claimed", "claimed"]


def test_show_of_what_isnt_there_is_an_error_with_the_nearest_name(plugins, site):
    site.install("acme")
    code, _, err = plugins("show", "acne")
    assert code == 2
    assert "error[unknown-plugin]: no installed plugin or distribution is called 'acne'" in err
    assert "did you mean 'acme'?" in err


# Which are loaded


def test_only_the_plugins_named_are_loaded_for_one_command(plugins, site, monkeypatch):
    monkeypatch.delenv(ONLY, raising=False)
    site.install("acme", OPERATOR)
    site.install("other", "raise RuntimeError('it was imported')")
    for arguments in (["--only-plugins", "acme"], ["list", "--only-plugins", "recipec-acme"]):
        out = plugins(*arguments)[1]
        assert "acme.squash@3" in out
        assert "other  recipec-other 1.0 (recipec_other)\n  not among --only-plugins\n" in out
    assert "RuntimeError: it was imported" in plugins()[1]


def test_a_name_that_no_plugin_has_is_an_error(plugins, site):
    site.install("acme")
    code, _, err = plugins("--only-plugins", "acne")
    assert code == 2
    assert "error[only-plugins]: --only-plugins names 'acne', which is not installed" in err
    assert "did you mean 'acme'?" in err
    assert "names no plugin" in plugins("--only-plugins", ",")[2]


def test_blocked_plugins_are_listed_as_blocked(plugins, site, monkeypatch):
    site.install("acme", "1 / 0")
    monkeypatch.setenv(BLOCK, "acme")
    assert f"acme  recipec-acme 1.0 (recipec_acme)\n  blocked by {BLOCK}\n" in plugins()[1]


# doctor


def test_a_good_installation_is_said_to_be_good(plugins, site):
    site.install("acme", 'RECIPEC_API = ">=1.0,<2"')
    code, out, _ = plugins("doctor", "--only-plugins", "acme")
    assert code == 0
    assert "nothing is broken" in out


@pytest.mark.parametrize(
    ("code", "said", "mend"),
    [
        ("import no_such_module", "No module named 'no_such_module'", "pip install --upgrade reci"),
        ("RECIPEC_API = '>=2'", "written for recipec.api >=2", "pip install --upgrade recipec"),
        ("RECIPEC_API = '<1'", "written for recipec.api <1", "pip install --upgrade recipec-acme"),
    ],
)
def test_a_plugin_that_failed_is_broken_and_has_what_mends_it(code, said, mend, plugins, site):
    site.install("acme", code)
    ended, found = as_json(plugins, "doctor", "--only-plugins", "acme")
    (trouble,) = [one for one in found["troubles"] if one["broken"]]
    assert (ended, found["broken"]) == (1, 1)
    assert trouble["about"] == "acme (recipec-acme 1.0)"
    assert said in trouble["message"]
    assert trouble["mend"].startswith(mend)


def test_of_two_claimants_either_can_go(plugins, site):
    site.install("acme")
    site.install("acme", distribution="acme-fork")
    ended, found = as_json(plugins, "doctor")
    assert ended == 1
    mends = {one["mend"] for one in found["troubles"] if one["broken"]}
    assert mends == {"pip uninstall acme-fork or pip uninstall recipec-acme"}


def test_dependencies_that_are_missing_or_too_old_are_broken(plugins, site):
    site.install("acme", requires=["no-such-package>=2", "click>=999", "other; extra == 'more'"])
    code, out, _ = plugins("doctor")
    assert code == 1
    said = "recipec-acme: it needs no-such-package>=2, which isn't installed\n"
    assert f"{said}  pip install 'no-such-package>=2'\n" in out
    assert re.search(r"it needs click>=999, and \S+ is installed\n  pip install 'click>=999'", out)
    assert "other" not in out


def test_a_lint_without_its_page_is_broken(plugins, site):
    site.install("acme", OPERATOR)
    code, out, _ = plugins("doctor")
    assert code == 1
    assert "acme (recipec-acme 1.0): the page of its lint acme.flat can't be read" in out


def test_a_probe_that_raises_or_gives_no_version_is_broken(plugins, site):
    code = """
from recipec.api import Capability, hookimpl

def fall():
    raise OSError("no bus")

@hookimpl
def recipec_capabilities():
    return [Capability("acme-bus", fall, "a bus"), Capability("acme-seats", lambda: 4, "seats")]
"""
    site.install("acme", code)
    ended, out, _ = plugins("doctor")
    assert ended == 1
    assert "acme-bus" in out
    assert "no bus" in out
    assert "acme-seats" in out


def test_a_version_that_hides_another_is_broken(plugins, site, tmp_path, monkeypatch):
    Site(tmp_path / "behind", monkeypatch).install("acme", version="0.9")
    first = Site(tmp_path / "first", monkeypatch)
    first.install("acme", version="1.1")
    code, out, _ = plugins("doctor")
    assert code == 1
    assert "recipec-acme 1.1 hides recipec-acme 0.9, installed in another folder too" in out


def test_what_this_machine_lacks_is_a_note_and_not_broken(plugins, site):
    site.install("acme", OPERATOR.replace("json:no-page.md", "recipec:explanations/yaml.md"))
    ended, found = as_json(plugins, "doctor", "--only-plugins", "acme")
    notes = [one for one in found["troubles"] if one["about"] == "acme.squash"]
    assert ended == 0
    assert ("can't run here: needs no-such-package", "pip install no-such-package") in [
        (one["message"], one["mend"]) for one in notes
    ]


def test_a_name_that_blocks_nothing_and_a_range_that_isnt_stated_are_notes(
    plugins, site, monkeypatch
):
    site.install("acme")
    monkeypatch.setenv(BLOCK, "prume")
    code, out, _ = plugins("doctor", "--only-plugins", "acme")
    assert code == 0
    assert f"note: {BLOCK}: it names 'prume', and no plugin or distribution is called so" in out
    assert 'in recipec_acme: RECIPEC_API = ">=1.0,<2"' in out


# check


def test_check_without_pytest_says_how_to_get_it(plugins, site, monkeypatch):
    site.install("acme")
    monkeypatch.setattr("recipec.cli.plugins.check.NEEDED", ("no_such_kit",))
    code, _, err = plugins("check", "acme")
    assert code == 2
    assert "error[check-needs]: checking a plugin needs no_such_kit" in err
    assert "hint: pip install no_such_kit" in err


def test_check_of_what_isnt_installed_is_an_error(plugins, site):
    code, _, err = plugins("check", "no-such-plugin")
    assert code == 2
    assert "error[unknown-plugin]" in err
