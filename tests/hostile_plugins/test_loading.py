"""Plugins that can't be loaded: each says why, the others work, and nothing else is touched."""

import os
from pathlib import Path

import pytest

from hostile_plugins.conftest import results
from toys.bench import TOY_RECIPE

WHY = {
    "broken": "RuntimeError: no licence was found",
    "leaver": "SystemExit: this plugin needs a newer Python",
    "squatter": "'toys.scale' is outside the plugin's namespace; call it 'squatter.…'",
    "usurper": "the metric 'numbers' is offered by plugin 'toys' already",
    "kindless": "the kind 'toys.other' is outside the plugin's namespace; call it 'kindless.…'",
    "misspelt": "unknown hook 'recipec_stage_begun' in plugin",
}


@pytest.mark.parametrize("name", WHY)
def test_a_plugin_that_cant_be_loaded_says_why_and_the_rest_is_right(hostile, peaceful, name):
    bench = hostile(name)
    assert WHY[name] in bench.info.failure
    assert (bench.info.distribution, bench.info.version) == (f"recipec-{name}", "1.2")
    assert results(bench.run()) == peaceful


@pytest.mark.parametrize("name", WHY)
def test_an_operator_of_it_is_an_error_that_says_so(hostile, name):
    bench = hostile(name)
    bench.write(TOY_RECIPE.replace("uses: toys.pack", f"uses: {name}.pack"))
    told = bench.cli("compile", "recipe.yaml", "--dry-run")
    assert told.returncode == 1
    assert f"plugin '{name}' of recipec-{name} 1.2 failed" in told.stderr
    assert "Traceback" not in told.stderr


def test_what_comes_with_recipec_cant_be_taken(tmp_path):
    """A third party's `aaa` is loaded behind the built-in `measure`, whose metric it offers."""
    from importlib.metadata import entry_points

    from hostile_plugins.conftest import install
    from recipec.registry import discover

    points = [*entry_points(group="recipec"), *install("aaa", tmp_path, "hostile_plugins.thief")]
    catalog = discover(points)
    assert catalog.plugin("aaa").failure == (
        "the metric 'accuracy' is offered by plugin 'measure' already"
    )
    assert [plugin.name for plugin in catalog.failures] == ["aaa"]


def test_what_a_plugin_does_while_it_is_loaded_is_put_back_and_told(hostile, peaceful):
    here = Path.cwd()
    bench = hostile("loud")
    assert bench.info.told == (
        "changed the working directory; it was put back",
        "changed the environment variable LOUD; it was put back",
        "wrote to standard output; that went to standard error",
    )
    assert Path.cwd() == here
    assert "LOUD" not in os.environ
    record = bench.run()
    assert results(record) == peaceful
    assert [d["message"] for d in record.diagnostics if d["code"] == "process-state"] == [
        f"loading plugin 'loud' (recipec-loud 1.2) {what}" for what in bench.info.told
    ]
