"""A plugin says which versions of `recipec.api` it is written for; others are kept out."""

import pytest

from recipec.api.version import API_VERSION
from recipec.registry import discover
from recipec.registry.api_range import wants_newer


def loaded(name="acme"):
    return discover().plugin(name)


@pytest.mark.parametrize("bounds", [">=1.0,<2", ">=1.0", "==1.0", "!=0.9"])
def test_a_range_that_includes_this_version_is_accepted(bounds, site):
    site.install("acme", f"RECIPEC_API = {bounds!r}")
    assert (loaded().failure, loaded().api) == (None, bounds)


@pytest.mark.parametrize("bounds", [">=2,<3", "<1.0", "==0.9"])
def test_a_range_that_excludes_it_keeps_the_plugin_out_and_says_both(bounds, site):
    site.install("acme", f"RECIPEC_API = {bounds!r}")
    assert loaded().failure == f"it is written for recipec.api {bounds}, and this is {API_VERSION}"
    assert (loaded().cause, loaded().loaded) == ("range", False)


def test_a_plugin_without_a_range_is_let_in(site):
    site.install("acme")
    assert (loaded().failure, loaded().api) == (None, None)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("RECIPEC_API = 1.0", "RECIPEC_API is 1.0; write a text"),
        ("RECIPEC_API = '1.0'", "'1.0' is not a version bound"),
        ("RECIPEC_API = '>=one'", "Invalid version: 'one'"),
    ],
)
def test_a_range_that_is_none_is_told(code, said, site):
    site.install("acme", code)
    assert said in loaded().failure


def test_a_plugin_that_needs_a_newer_api_to_be_imported_is_told_of_its_range(site):
    site.install("acme", "from recipec.api import FromTheFuture\nRECIPEC_API = '>=2,<3'")
    assert loaded().failure == f"it is written for recipec.api >=2,<3, and this is {API_VERSION}"


def test_one_that_fails_for_another_reason_keeps_that_reason(site):
    site.install("acme", "import no_such_module\nRECIPEC_API = '>=1.0,<2'")
    assert loaded().failure == "ModuleNotFoundError: No module named 'no_such_module'"
    assert (loaded().cause, loaded().api) == ("import", ">=1.0,<2")
    assert "import no_such_module" in loaded().traceback


def test_every_built_in_plugin_states_its_range():
    assert [p.name for p in discover().plugins if p.distribution == "recipec" and not p.api] == []


def test_what_mends_an_excluded_plugin_depends_on_who_is_behind():
    assert wants_newer(">=2,<3")
    assert not wants_newer(">=0.5,<1.0")
