"""The generated part of docs/report.md: every value that a template may use."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re

from recipec.report import context

MARK = "<!-- from here on made by docs/make.py; don't edit -->\n"
TEXT = """
In `report.html.j2`, `report.md.j2` and what they include, the values of **Report**; in
`comparison.html.j2` and `comparison.md.j2` those of **Comparison**. Everything is finished text but
for sort keys and what charts are drawn from. Filters beside Jinja's own: in HTML `data` (parts of
the context as JSON for a script), `pack` (text deflated, in base64) and `embedded` (JSON text fit
for a script element); in Markdown `code` (as a code span) and `block` (HTML as one block).

Parts of the pages: {parts}.

Blocks of `report.html.j2`: {blocks}.
"""


def page(written: str, templates: list[str], blocks: list[str]) -> str:
    """Give the text of docs/report.md; what stands before the mark stays as it is written."""
    parts = ", ".join(f"`{name}`" for name in templates)
    text = TEXT.format(parts=parts, blocks=", ".join(f"`{name}`" for name in blocks))
    lines = [written.partition(MARK)[0] + MARK + text]
    classes = [
        found
        for found in vars(context).values()
        if isinstance(found, type) and dataclasses.is_dataclass(found)
    ]
    first = [context.Report, context.Comparison]
    rest = sorted((c for c in classes if c not in first), key=lambda c: c.__name__)
    for found in [*first, *rest]:
        lines.append(f"### {found.__name__}\n\n{inspect.getdoc(found)}\n")
        lines.append("| value | type | meaning |\n|---|---|---|")
        for name, kind, meaning in fields(found):
            said = " ".join(meaning.split()).replace("|", "\\|")
            lines.append(f"| `{name}` | {kind.replace('|', 'or')} | {said} |")
        lines.append("")
    return "\n".join(lines)


def fields(of: type) -> list[tuple[str, str, str]]:
    """Give name, type and meaning of each field; the meaning is the text after it."""
    body = ast.parse(inspect.getsource(of)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = []
    for field, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(field.target, ast.Name)
            kind = ast.unparse(field.annotation).replace("'", '"')
            kind = re.sub(r"Literal\[(.*?)\]", lambda m: m[1].replace(", ", " or "), kind)
            kind = re.sub(r"tuple\[(.*?), \.\.\.\]", r"list of \1", kind)
            meaning = ast.literal_eval(text.value)
            found.append((field.target.id, kind, meaning))
    return found
