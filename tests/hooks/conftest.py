"""The examples of the hooks' texts, as installed plugins."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from importlib.metadata import EntryPoint

import pytest

from recipec.api import hookspecs
from recipec.registry import discover
from toys.bench import TOYS, Bench

HOOKS = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("recipec_")}


@pytest.fixture(scope="session")
def make(pytestconfig):
    spec = importlib.util.spec_from_file_location(
        "docs_make_hooks", pytestconfig.rootpath / "docs" / "make.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def example(make):
    """Give the files of a hook's example."""
    return lambda hook: make.hook_text(inspect.getdoc(HOOKS[hook]))[1]


@pytest.fixture
def installed(tmp_path, monkeypatch, example):
    """Write examples to files, and give a bench with the plugin that they make.

    Of several hooks the module implements all.
    """

    def install(*hooks):
        written = {}
        for hook in hooks:
            for path, text in example(hook).items():
                written[path] = written.get(path, "") + text
        for path, text in written.items():
            file = tmp_path / "site" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        monkeypatch.syspath_prepend(tmp_path / "site")
        for name in [n for n in sys.modules if n.partition(".")[0] == "recipec_acme"]:
            monkeypatch.delitem(sys.modules, name)
        importlib.invalidate_caches()
        return Bench(tmp_path, discover([TOYS, EntryPoint("acme", "recipec_acme", "recipec")]))

    yield install
    for name in [n for n in sys.modules if n.partition(".")[0] == "recipec_acme"]:
        del sys.modules[name]
