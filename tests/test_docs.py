"""Generated documentation is that of the code, and what the documents show really works."""

import importlib.util
import re

import pytest


@pytest.fixture(scope="module")
def root(request):
    return request.config.rootpath


@pytest.fixture(scope="module")
def make(root):
    spec = importlib.util.spec_from_file_location("docs_make", root / "docs" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HINT = "run `python docs/make.py`"


def test_the_command_line_is_documented_as_it_is(root, make):
    assert (root / "docs" / "cli.md").read_text() == make.command_line(), HINT


def test_the_report_is_documented_as_its_templates_see_it(root, make):
    assert (root / "docs" / "report.md").read_text() == make.report(), HINT


def test_operators_are_documented_as_they_are(root, make):
    from recipec.registry import discover

    assert (root / "docs" / "operators.md").read_text() == make.operators(discover()), HINT


def test_techniques_are_documented_as_their_operators_are(root, make):
    from recipec.registry import discover

    catalog = discover()
    for page in make.technique_pages():
        assert page.read_text() == make.with_references(page.read_text(), catalog), HINT
    assert (root / "docs/techniques/README.md").read_text() == make.techniques(catalog), HINT


def test_every_step_of_the_plugins_has_a_page_about_its_technique(make):
    from recipec.api import DataSource, Evaluator
    from recipec.registry import discover

    told = {
        m[1] for page in make.technique_pages() for m in make.REFERENCE.finditer(page.read_text())
    }
    steps = {
        id
        for id, offered in discover().operators.items()
        if not issubclass(offered.operator, DataSource | Evaluator)
    }
    assert steps - told == {"torch.model", "torch.transformers"}


def test_the_codes_are_documented_as_they_are_explained(root, make):
    from recipec.registry import discover

    assert (root / "docs" / "codes.md").read_text() == make.codes(discover()), HINT


def test_the_hooks_are_documented_as_they_are(root, make):
    assert (root / "docs" / "hooks.md").read_text() == make.hooks(), HINT


@pytest.mark.frameworks
def test_the_plan_in_the_readme_is_the_one_a_user_sees(root, make):
    readme = (root / "README.md").read_text()
    assert make.with_plan(readme) == readme, HINT


def test_links_between_documents_lead_somewhere(root):
    for document in [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("plugins/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_recipes_in_documents_are_yaml_that_the_schema_knows(root):
    from jsonschema import Draft202012Validator

    from recipec.recipe import parse_recipe
    from recipec.registry import discover
    from recipec.schema import schemas

    validator = Draft202012Validator(schemas(discover())["recipe"])
    found = 0
    for document in [root / "README.md", *root.glob("docs/*.md")]:
        for block in re.findall(r"```yaml\n(.*?)```", document.read_text(), re.DOTALL):
            if not block.startswith("apiVersion") or "extends:" in block:
                continue  # tests/test_documented_recipes.py loads those, beside their bases
            found += 1
            recipe = parse_recipe(block.encode(), document.name, root)
            value = recipe.spec.model_dump(mode="json", by_alias=True, exclude_none=True)
            assert list(validator.iter_errors(value)) == []
    assert found


def test_the_recipe_in_the_readme_is_the_one_in_the_repository(root):
    text = (root / "recipes" / "seven-steps.yaml").read_text()
    assert text[text.index("apiVersion") :] in (root / "README.md").read_text()
