"""The documented context of the templates is the one they use, no more and no less."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from recipec.report import context
from recipec.report._render import TEMPLATES, html_environment, markdown_environment

CLASSES = [
    item
    for item in vars(context).values()
    if dataclasses.is_dataclass(item) and isinstance(item, type)
]


def parsed(environment: Environment, *suffixes: str) -> list[nodes.Template]:
    files = sorted(f for f in TEMPLATES.iterdir() if f.name.endswith(suffixes))
    assert files
    return [environment.parse(f.read_text(encoding="utf-8")) for f in files]


def variables(environment: Environment, *suffixes: str) -> set[str]:
    found: set[str] = set()
    for template in parsed(environment, *suffixes):
        found |= meta.find_undeclared_variables(template)
    return found - environment.globals.keys()


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
    assert variables(html_environment(), ".html.j2", ".css", ".js") == documented(context.Report)


def test_markdown_uses_documented_variables_only() -> None:
    assert variables(markdown_environment(), ".md.j2") <= documented(context.Report)


def test_every_documented_field_is_used_by_a_template() -> None:
    trees = parsed(html_environment(), ".html.j2")
    used = {node.attr for tree in trees for node in tree.find_all(nodes.Getattr)}
    used |= documented(context.Report)
    fields = {field for of in CLASSES for field in documented(of)}
    assert fields - used == set()


def test_templates_hold_no_other_files() -> None:
    kinds = {"".join(Path(f.name).suffixes[-2:]) for f in TEMPLATES.iterdir()}
    assert kinds == {".html.j2", ".md.j2", ".css", ".js"}
