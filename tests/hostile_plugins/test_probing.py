"""Probes that raise, hang or answer nonsense: the thing isn't there, and the plan says why."""

import json

import pytest

from hostile_plugins.conftest import results, stage, warned
from recipec.walls import limited

SAID = {
    "raising-thing": "raised OSError: libacme.so: cannot open shared object file",
    "hanging-thing": "took longer than 0.2 s and was given up",
    "numbered-thing": "returned a float, not a version or None",
}


@pytest.mark.parametrize("thing", SAID)
def test_a_probe_that_fails_has_found_nothing(hostile, peaceful, monkeypatch, thing):
    monkeypatch.setattr(limited, "SECONDS", 0.2)
    bench = hostile("probing")
    record = bench.run(stage("probing.needs", thing))
    assert record.stage("hostile").status == "blocked"
    assert record.stage("hostile").reason == f"needs {thing} (buy one)"
    assert warned(record, "probe-failed") == [
        f"the probe of {thing!r} of plugin 'probing' (recipec-probing 1.2) {SAID[thing]}"
    ]
    assert results(record) == peaceful


def test_the_plan_shows_it(hostile):
    bench = hostile("probing")
    bench.write(stage("probing.needs", "raising-thing"))
    told = bench.cli("compile", "recipe.yaml", "--dry-run")
    assert told.returncode == 0
    assert "probe-failed" in told.stdout
    assert "of plugin 'probing' (recipec-probing 1.2) raised OSError" in " ".join(
        told.stdout.split()
    )
    told = bench.cli("compile", "recipe.yaml", "--dry-run", "--format", "json")
    assert json.loads(told.stdout)["name"] == "toy"
