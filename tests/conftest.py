"""Fixtures of the core's tests: a catalog of toy operators, and a folder to run recipes in."""

from __future__ import annotations

import pytest

from recipec.registry import discover
from toys.bench import TOYS, Bench


@pytest.fixture(scope="session")
def toys():
    return discover([TOYS])


@pytest.fixture
def bench(tmp_path, toys) -> Bench:
    return Bench(tmp_path, toys)
