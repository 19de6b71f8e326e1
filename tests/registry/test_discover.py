"""Plugins are loaded one by one; what is wrong with one is kept, and the others work."""

import sys
import types
from importlib.metadata import EntryPoint

import pytest

from recipec.api import Capability, hookimpl
from recipec.registry import discover
from toys.bench import TOYS


@pytest.fixture
def plugin(monkeypatch):
    """Make an importable plugin module of some hooks."""

    def make(name, **hooks):
        module = types.ModuleType(f"plugin_{name}")
        for hook, function in hooks.items():
            setattr(module, hook, hookimpl(function))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, module.__name__, "recipec")

    return make


def only(catalog, name):
    (info,) = [plugin for plugin in catalog.plugins if plugin.name == name]
    return info


def test_a_plugin_that_cannot_be_imported_is_kept_with_its_reason():
    catalog = discover([TOYS, EntryPoint("gone", "no_such_module", "recipec")])
    assert only(catalog, "gone").failure == "ModuleNotFoundError: No module named 'no_such_module'"
    assert "toys.scale" in catalog.operators


def test_an_operator_outside_the_namespace_is_refused(plugin):
    def hook():
        from toys.operators import Scale

        return [Scale]

    catalog = discover([plugin("acme", recipec_operators=hook)])
    assert "outside the plugin's namespace" in only(catalog, "acme").failure
    assert catalog.operators == {}


def test_a_misspelt_hook_is_refused(plugin):
    catalog = discover([TOYS, plugin("acme", recipec_operatorz=lambda: [])])
    assert "recipec_operatorz" in only(catalog, "acme").failure
    assert "toys.scale" in catalog.operators


@pytest.mark.parametrize("offer", [[1], 5, ["x"]])
def test_wrong_types_are_refused(plugin, offer):
    catalog = discover([TOYS, plugin("acme", recipec_operators=lambda: offer)])
    assert only(catalog, "acme").failure
    assert "toys.scale" in catalog.operators


def test_a_hook_that_raises_is_kept_with_its_reason(plugin):
    def hook():
        raise RuntimeError("no licence")

    catalog = discover([TOYS, plugin("acme", recipec_capabilities=hook)])
    assert only(catalog, "acme").failure == "RuntimeError: no licence"


def test_two_claimants_of_a_name_are_both_refused(plugin):
    other = EntryPoint("toys", "another_module", "recipec")
    catalog = discover([TOYS, other])
    assert len(catalog.failures) == 2
    assert all("claimed by" in info.failure for info in catalog.failures)


def test_a_taken_capability_is_refused(plugin):
    offer = [Capability("accelerator", lambda: "3", "mine")]
    catalog = discover([TOYS, plugin("zeta", recipec_capabilities=lambda: offer)])
    failure = "the capability 'accelerator' is offered by plugin 'toys' already"
    assert only(catalog, "zeta").failure == failure
    assert catalog.capabilities["accelerator"].probe() is None


def test_an_observer_that_raises_becomes_a_warning(plugin, bench):
    def hook(stage):
        raise RuntimeError(stage.id)

    bench.catalog = discover([TOYS, plugin("acme", recipec_stage_started=hook)])
    record = bench.run()
    assert record.status == "done"
    assert "recipec_stage_started of plugin 'acme' raised RuntimeError: model" in [
        diagnostic["message"] for diagnostic in record.diagnostics
    ]


def test_a_plan_check_can_refuse_a_plan(plugin, bench):
    from recipec import RecipeError
    from recipec.api import Finding

    def hook(plan):
        yield Finding("too many stages", stage=plan.stages[-1].id)

    bench.catalog = discover([TOYS, plugin("acme", recipec_check_plan=hook)])
    with pytest.raises(RecipeError) as caught:
        bench.compile()
    assert caught.value.diagnostics[0].span.line == 12
