"""Lints that plugins offer: taken over with the plugin, or refused with it."""

import sys
import types
from importlib.metadata import EntryPoint

import pytest

from recipec.api import Lint, hookimpl
from recipec.plan.lints import GENERAL, lints_of
from recipec.registry import discover


@pytest.fixture
def catalog_of(monkeypatch):
    """A catalog of one plugin, `acme`, that offers these lints."""

    def make(*lints):
        module = types.ModuleType("plugin_acme")
        module.recipec_lints = hookimpl(lambda: list(lints))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return discover([EntryPoint("acme", module.__name__, "recipec")])

    return make


def lint(code):
    return Lint(code, "a summary", "acme:page.md", lambda plan: ())


def test_a_plugins_lints_are_known_beside_the_general_ones(catalog_of):
    catalog = catalog_of(lint("acme.too-large"))
    assert catalog.lints["acme.too-large"].plugin.name == "acme"
    assert list(lints_of(catalog)) == [*(one.code for one in GENERAL), "acme.too-large"]


@pytest.mark.parametrize(
    "code", ["too-large", "other.too-large", "acme.TooLarge", "acme.too_large", "acme.", "acme.-x"]
)
def test_a_code_that_isnt_the_plugins_own_in_kebab_case_is_refused(catalog_of, code):
    (plugin,) = catalog_of(lint(code)).plugins
    assert f"the code {code!r} is not the plugin's name" in plugin.failure


def test_what_is_no_lint_is_refused(catalog_of):
    assert "is not a Lint" in catalog_of("acme.too-large").plugins[0].failure


def test_the_same_code_twice_is_refused(catalog_of):
    catalog = catalog_of(lint("acme.one"), lint("acme.one"))
    assert "offers the lint 'acme.one' twice" in catalog.plugins[0].failure
    assert catalog.lints == {}


def test_general_codes_are_one_each_in_kebab_case():
    codes = [one.code for one in GENERAL]
    assert codes == sorted(set(codes))
    assert all("." not in code and code == code.lower() for code in codes)
