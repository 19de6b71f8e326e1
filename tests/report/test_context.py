"""The documented context of the templates is the one they use, no more and no less."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from recipec.report import context
from recipec.report._environment import TEMPLATES, html_environment, markdown_environment

CLASSES = [
    item
    for item in vars(context).values()
    if dataclasses.is_dataclass(item) and isinstance(item, type)
]


def parsed(environment: Environment, *roots: str) -> list[nodes.Template]:
    """The templates that these include, extend or import, and themselves."""
    found: dict[str, nodes.Template] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = (TEMPLATES / name).read_text(encoding="utf-8")
            found[name] = environment.parse(text)
            waiting += [n for n in meta.find_referenced_templates(found[name]) if n is not None]
    return list(found.values())


def variables(environment: Environment, root: str) -> set[str]:
    found: set[str] = set()
    for template in parsed(environment, root):
        found |= meta.find_undeclared_variables(template)
    return found - environment.globals.keys() - {"m"}  # the macros, imported


def documented(of: type) -> set[str]:
    """The fields of a class that are followed by a docstring of their own."""
    body = ast.parse(inspect.getsource(of)).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id
        for field, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


@pytest.mark.parametrize("of", CLASSES, ids=lambda of: of.__name__)
def test_every_field_is_documented(of: type) -> None:
    assert documented(of) == {field.name for field in dataclasses.fields(of)}


def test_html_uses_every_documented_variable_and_no_other() -> None:
    assert variables(html_environment(), "report.html.j2") == documented(context.Report)


def test_markdown_uses_documented_variables_only() -> None:
    assert variables(markdown_environment(), "report.md.j2") <= documented(context.Report)


def test_a_comparison_uses_every_documented_variable_and_no_other() -> None:
    known = documented(context.Comparison)
    assert variables(html_environment(), "comparison.html.j2") == known
    assert variables(markdown_environment(), "comparison.md.j2") <= known


def test_every_documented_field_is_used_by_a_template_or_by_the_pages_script() -> None:
    trees = parsed(html_environment(), "report.html.j2", "comparison.html.j2")
    used = {node.attr for tree in trees for node in tree.find_all(nodes.Getattr)}
    scripts = [f.read_text(encoding="utf-8") for f in TEMPLATES.glob("*.js")]
    used |= {name for script in scripts for name in re.findall(r"\.(\w+)\b", script)}
    used |= {"axis", "style"}  # of a waterfall, taken apart by name
    used |= documented(context.Report) | documented(context.Comparison)
    fields = {field for of in CLASSES for field in documented(of)}
    assert fields - used == set()


def test_templates_hold_no_other_files() -> None:
    kinds = {"".join(Path(f.name).suffixes[-2:]) for f in TEMPLATES.iterdir()}
    assert kinds == {".html.j2", ".md.j2", ".css", ".js"}
