"""Plugins can be kept out by name, or by the distribution that brings them."""

import pytest

from recipec.registry import discover
from recipec.registry.selection import BLOCK, ONLY, Selection, selection


@pytest.mark.parametrize("said", ["acme", "recipec-acme", "Recipec_Acme", "other, acme", "x acme"])
def test_a_blocked_plugin_is_listed_and_not_loaded(said, site, monkeypatch):
    site.install("acme", "raise RuntimeError('it was imported')")
    monkeypatch.setenv(BLOCK, said)
    found = discover().plugin("acme")
    assert (found.blocked, found.failure, found.loaded) == (f"blocked by {BLOCK}", None, False)


def test_only_the_plugins_that_are_named_are_let_in(site, monkeypatch):
    site.install("acme")
    site.install("other")
    monkeypatch.setenv(ONLY, "acme")
    catalog = discover()
    assert [plugin.name for plugin in catalog.plugins if plugin.loaded] == ["acme"]
    assert catalog.plugin("other").blocked == "not among --only-plugins"


def test_blocking_one_of_two_claimants_lets_the_other_in(site, monkeypatch):
    site.install("acme")
    site.install("acme", distribution="acme-fork")
    assert {p.failure for p in discover().plugins if p.name == "acme"} == {
        "the name 'acme' is claimed by acme-fork 1.0 and recipec-acme 1.0; remove one"
    }
    monkeypatch.setenv(BLOCK, "acme-fork")
    assert discover().plugin("acme").distribution == "recipec-acme"
    assert discover().plugin("acme").loaded


def test_nothing_is_kept_out_by_itself():
    assert selection({}) == Selection()
    assert selection({BLOCK: "", ONLY: " , "}) == Selection()


def test_a_plugin_that_ends_the_process_when_it_is_imported_is_kept_out(site):
    site.install("acme", "import sys; sys.exit(3)")
    assert discover().plugin("acme").failure == "SystemExit: 3"


def test_who_offers_a_capability_is_known_and_named_to_the_second(site):
    code = """
from recipec.api import Capability, hookimpl

@hookimpl
def recipec_capabilities():
    return [Capability("fpga", lambda: None, "a board")]
"""
    site.install("acme", code)
    site.install("other", code)
    found, said = discover(), "the capability 'fpga' is offered by plugin 'acme' already"
    assert found.capabilities_by["fpga"] == "acme"
    assert found.plugin("other").failure == said
