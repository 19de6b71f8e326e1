"""A catalog of toy techniques, which say what they do to a model."""

import pytest

import recipec
from recipec.plan import Forgetful, Machine, Planning, make_plan
from recipec.registry import discover
from toys.techniques import TECHNIQUES


@pytest.fixture(scope="session")
def techniques():
    return discover([TECHNIQUES])


@pytest.fixture
def plan_of(techniques):
    """Plan a recipe file, with nothing in the store."""

    def plan(path, catalog=techniques, **options):
        recipe = recipec.load_recipe(path)
        machine = Machine(catalog.capabilities)
        return make_plan(Planning(recipe, catalog, machine, Forgetful(), **options))

    return plan
