"""Every YAML block in the documents is a recipe that compiles, or says what else it is.

What stands behind ` ```yaml ` tells what a block is:

    (nothing)              a whole recipe; it must be valid
    fragment               keys that take the place of those in the page's first recipe, or in
                           BASE; new stages also take away what names the old ones
    error=CODE@LINE:COL    a whole recipe that is refused with exactly this error
    file=NAME              a whole recipe, which other blocks of the page may name (`extends`)
    plain                  YAML that isn't a recipe
    touch=NAME,NAME        files that it names, which readers have and the test makes

` ```python file=NAME ` is code beside the recipes of its page.
"""

import re
from pathlib import Path

import pytest
import yaml

import recipec
from recipec.compiler import load_variants, validate_variants
from recipec.registry import discover

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    *(
        p
        for p in ROOT.glob("docs/**/*.md")
        if "evidence" not in p.parts and p.name != "comparison.md"
    ),
    *ROOT.glob("plugins/**/*.md"),
]
BASE = """
apiVersion: recipec/v1
name: base
model: {uses: torch.model, with: {builder: "recipec_torch.zoo:resnet", args: {depth: 8}}}
data:
  train: {uses: data.digits, with: {split: train}}
  validation: {uses: data.digits, with: {split: validation}}
  test: {uses: data.digits, with: {split: test}}
stages:
  - {id: trained, uses: train.fit, with: {data: train, epochs: 1}}
"""
NAME_STAGES = {"baseline", "outputs", "gates"}
FENCE = re.compile(
    r"^```(?P<language>yaml|python)(?P<marks>[^\n]*)\n(?P<text>.*?)^```", re.M | re.S
)


def blocks(document):
    """Give the YAML and Python blocks of a document with their marks."""
    for found in FENCE.finditer(document.read_text(encoding="utf-8")):
        marks = dict(mark.partition("=")[::2] for mark in found["marks"].split())
        line = document.read_text(encoding="utf-8").count("\n", 0, found.start()) + 1
        yield found["language"], marks, found["text"], line


def written():
    for document in DOCUMENTS:
        for language, marks, text, line in blocks(document):
            if language == "yaml" and "plain" not in marks:
                yield pytest.param(document, marks, text, id=f"{document.relative_to(ROOT)}:{line}")


@pytest.fixture(scope="module")
def catalog():
    return discover()


def prepare(document, folder):
    """Write the files of a page's blocks into a folder."""
    for _, marks, text, _ in blocks(document):
        if "file" in marks:
            (folder / marks["file"]).write_text(text)
        for name in filter(None, marks.get("touch", "").split(",")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
    return folder


def whole(document, marks, text):
    """Give the recipe of a block: of a fragment the one that it is a part of."""
    if "fragment" not in marks:
        return text
    recipes = [t for language, m, t, _ in blocks(document) if language == "yaml" and not m]
    base, part = yaml.safe_load([*recipes, BASE][0]), yaml.safe_load(text)
    if "stages" in part:
        base = {key: value for key, value in base.items() if key not in NAME_STAGES}
    return yaml.safe_dump({**base, **part}, sort_keys=False)


@pytest.mark.parametrize(("document", "marks", "text"), list(written()))
def test_a_recipe_in_the_documents_is_what_it_says(document, marks, text, catalog, tmp_path):
    path = prepare(document, tmp_path) / marks.get("file", "recipe.yaml")
    path.write_text(whole(document, marks, text))
    if "error" not in marks:
        assert validate_variants(load_variants(path), catalog=catalog)
        return
    code, _, place = marks["error"].partition("@")
    with pytest.raises(recipec.RecipeError) as refused:
        validate_variants(load_variants(path), catalog=catalog)
    told = [(d.code, f"{d.span.line}:{d.span.column}") for d in refused.value.diagnostics]
    assert told == [(code, place)]
