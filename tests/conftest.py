"""Fixtures of the core's tests: a catalog of toy operators, and a folder to run recipes in."""

from __future__ import annotations

import pytest
from toys.bench import TOYS, Bench

from recipec.registry import discover


@pytest.fixture(scope="session")
def toys():
    return discover([TOYS])


@pytest.fixture
def bench(tmp_path, toys) -> Bench:
    return Bench(tmp_path, toys)
