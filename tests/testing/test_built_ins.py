"""Every built-in operator is under the contract that fits it, with its golden files.

Test files are read, not imported: many of them need frameworks.
"""

import ast
import importlib
from pathlib import Path
from typing import NamedTuple

import pytest

from recipec.api import DataSource, Evaluator
from recipec.registry import discover

ROOT = Path(__file__).parents[2]
CONTRACTS = {"OperatorContract", "RunContract", "DataContract", "EvaluatorContract"}


class Contracted(NamedTuple):
    """A test class: its file, its name, the contract it derives from, and its operator."""

    file: Path
    name: str
    contract: str
    operator: type

    @property
    def golden(self):
        name = f"{self.operator.id}-{self.file.stem}-{self.name}.json"
        return self.file.parent / "versions" / name


def contracted(file):
    """Find the contract classes of a test file."""
    tree = ast.parse(file.read_text())
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}

    def lookup(name, wanted):
        """Follow bases, from a class to what it derives from or states."""
        if name not in classes:
            return name if wanted == "contract" and name in CONTRACTS else None
        for node in classes[name].body:
            named = [ast.unparse(t) for t in node.targets] if isinstance(node, ast.Assign) else []
            if named == [wanted]:
                return ast.unparse(node.value)
        found = (lookup(ast.unparse(base), wanted) for base in classes[name].bases)
        return next((one for one in found if one), None)

    for name in classes:
        contract, operator = lookup(name, "contract"), lookup(name, "operator")
        if name.startswith("Test") and contract and operator:
            module, attribute = imported[operator]
            found = getattr(importlib.import_module(module), attribute)
            yield Contracted(file, name, contract, found)


@pytest.fixture(scope="module")
def all_contracted():
    files = sorted(ROOT.glob("plugins/*/tests/test_*.py"))
    return [one for file in files for one in contracted(file)]


@pytest.fixture(scope="module")
def built_in():
    offered = discover().operators.values()
    return [one.operator for one in offered if one.plugin.distribution == "recipec"]


def test_every_operator_is_run_under_a_contract(built_in, all_contracted):
    under = {one.operator for one in all_contracted if one.contract != "OperatorContract"}
    assert len(built_in) > 30
    assert [operator.id for operator in built_in if operator not in under] == []


def test_data_sources_and_evaluators_are_under_their_own_contract(built_in, all_contracted):
    wanted = {DataSource: "DataContract", Evaluator: "EvaluatorContract"}
    for kind, contract in wanted.items():
        under = {one.operator for one in all_contracted if one.contract == contract}
        assert [o.id for o in built_in if issubclass(o, kind) and o not in under] == []


def test_what_every_version_makes_is_committed(all_contracted):
    assert len(all_contracted) > 50
    assert [one.golden.name for one in all_contracted if not one.golden.is_file()] == []


def test_no_golden_file_is_left_over(all_contracted):
    wanted = {one.golden for one in all_contracted}
    there = set(ROOT.glob("plugins/*/tests/versions/*.json"))
    assert sorted(path.name for path in there - wanted) == []
