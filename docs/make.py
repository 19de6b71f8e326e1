"""Write the generated parts of the documentation.

    python docs/make.py      rewrites docs/cli.md, operators.md, hooks.md and codes.md, the README's
                             plan, the references in docs/techniques/, and the list of its pages

`tests/test_docs.py` holds what is committed to what this makes.
"""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
import textwrap
from contextlib import chdir
from pathlib import Path
from typing import Any

import recipec
from recipec.api import Evaluator, Operator, hookspecs
from recipec.cli.main import COMMANDS, cli
from recipec.explanations import pages
from recipec.plan.lints import lints_of
from recipec.registry import Catalog, discover

ROOT = Path(__file__).parent.parent
NOTE = "<!-- made by docs/make.py; don't edit -->\n"
CODES = """\
What stands in brackets in an error or a warning, as in `error[unknown-key]`. `recipec explain CODE`
prints the same.

A lint looks at the finished plan and warns; nothing has run then. Where a finding is fine, the
recipe says so with a reason, which the plan, the record and the report show in its place:

```yaml plain
silence:
  - {lint: channels-unaligned, stage: prune, reason: the layers of 8 channels are 5% of the time}
```

Without `stage` it holds for all of the recipe. A silence that silences nothing is told. With
`--deny CODE` (or `--deny all`) a warning that isn't silenced ends the command with exit code 1.
Plugins offer lints of their own through the hook `recipec_lints`; their codes begin with the
plugin's name.
"""
TECHNIQUES = ROOT / "docs" / "techniques"
REFERENCE = re.compile(r"<!-- operator: (\S+) -->\n(?:.*?<!-- end of operator -->\n)?", re.DOTALL)
PLAN = re.compile(r"(<!-- plan: seven-steps -->\n```text\n).*?(```)", re.DOTALL)


def command_line() -> str:
    """Describe every command as `--help` does."""
    wide = {"terminal_width": 100, "max_content_width": 100, "resilient_parsing": True}
    context = cli.make_context("recipec", [], **wide)
    parts = ["# The command line\n", NOTE, f"```text\n{cli.get_help(context)}\n```\n"]
    for name in sorted(COMMANDS):
        command = cli.get_command(context, name)
        if command is None:
            raise LookupError(name)
        inner = command.make_context(name, [], parent=context, **wide)
        parts.append(f"## recipec {name}\n\n```text\n{command.get_help(inner)}\n```\n")
    return "\n".join(parts)


def operators(catalog: Catalog) -> str:
    """Describe every operator: inputs, outputs, requirements, parameters."""
    parts = ["# Operators\n", NOTE, "As `recipec schema` tells an editor, for reading.\n"]
    for id, offered in catalog.operators.items():
        parts.append(_operator(id, offered.operator))
    return "\n".join(parts)


UNITS = {"bytes": "bytes", "s": "time", "1/s": "per second", "1": "count", "share": "share"}
BETTER = {"lower": ", lower is better", "higher": ", higher is better", "neither": ""}


def _operator(id: str, operator: type[Operator[Any]]) -> str:
    schema = operator.params.model_json_schema(by_alias=True)
    nested = schema.get("$defs", {})
    lines = [f"## {id}\n", f"{operator.summary[0].upper()}{operator.summary[1:]}.\n"]
    for title, ports in (("in", operator.inputs), ("out", operator.outputs)):
        for name, port in ports.items():
            optional = ", optional" if port.optional else ""
            lines.append(
                f"- {title} `{name}` ({getattr(port.kind, 'kind', '')}{optional}): {port.doc}"
            )
    for requirement in operator.requires:
        lines.append(f"- needs `{requirement.spec.removeprefix('python:')}`")
    if issubclass(operator, Evaluator):
        lines.append(
            "\nAsked for under `measure.metrics` by the name of a metric; parameters go with the "
            "name: `{NAME: {PARAMETER: VALUE}}`.\n"
        )
        lines.append("| in `measure.metrics` | exact names, for gates | unit | meaning |")
        lines.append("|---|---|---|---|")
        for family in operator.families:
            names = ", ".join(f"`{name}`" for name in family.names)
            unit = UNITS[family.unit] + BETTER[family.better]
            lines.append(f"| `{family.name}` | {names} | {unit} | {family.summary} |")
    lines.append("\n| parameter | values | default | meaning |\n|---|---|---|---|")
    lines += _rows("", schema, nested)
    return "\n".join(lines) + "\n"


def _rows(prefix: str, schema: dict[str, Any], nested: dict[str, Any]) -> list[str]:
    rows = []
    for name, field in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        default = "required" if required else f"`{_short(field.get('default'))}`"
        values = _values(field, nested).replace("|", "\\|")
        meaning = field.get("description", "").replace("|", "\\|").replace("\n", " ")
        rows.append(f"| `{prefix}{name}` | {values} | {default} | {meaning} |")
        for inner in _inner(field, nested):
            rows += _rows(f"{prefix}{name}.", inner, nested)
    return rows


def _inner(field: dict[str, Any], nested: dict[str, Any]) -> list[dict[str, Any]]:
    choices = [field, *field.get("anyOf", ()), *field.get("oneOf", ())]
    names = [choice["$ref"].rpartition("/")[2] for choice in choices if "$ref" in choice]
    return [nested[name] for name in names]


def _values(field: dict[str, Any], nested: dict[str, Any]) -> str:
    if "x-recipec-quantity" in field:
        [bounds, *_] = [_values(one, nested) for one in field.get("anyOf", ())] or [""]
        return f"{field['x-recipec-quantity']}{bounds.removeprefix('number')}"
    if "x-recipec-reference" in field:
        return str(field["x-recipec-reference"])
    if "const" in field:
        return f"`{field['const']}`"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "$ref" in field:
        return "mapping"
    for many in ("anyOf", "oneOf"):
        if many in field:
            said = [_values(choice, nested) for choice in field[many]]
            return " or ".join(dict.fromkeys(said))
    kind = {"object": "mapping", "array": "list", "integer": "whole number"}
    bounds = [
        f"{sign} {field[key]}"
        for key, sign in (
            ("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")
        )
        if key in field
    ]  # fmt: skip
    return " ".join([kind.get(field.get("type", ""), field.get("type", "anything")), *bounds])


def _short(value: Any) -> str:
    words = {"None": "null", "True": "true", "False": "false"}
    text = words.get(str(value), str(value))
    return text if len(text) <= 40 else f"{text[:39]}…"


def codes(catalog: Catalog) -> str:
    """Give the pages of all codes: lints first, then errors and other messages."""
    known = list(pages(lints_of(catalog)))
    parts = ["# Codes of errors and warnings\n", NOTE, CODES]
    groups = (
        ("Lints", [page for page in known if page.lint]),
        ("Errors and other messages", [page for page in known if not page.lint]),
    )
    for title, group in groups:
        parts.append(f"\n**{title}**\n\n| code | |\n|---|---|")
        for page in group:
            anchor = page.code.replace(".", "")
            parts.append(f"| [`{page.code}`](#{anchor}) | {page.summary} |")
    for _, group in groups:
        parts += ["\n" + re.sub("^#", "##", page.text, flags=re.MULTILINE) for page in group]
    return "\n".join(parts).rstrip() + "\n"


HOOKS = """\
What a plugin can implement. Its distribution names its module by an entry point of the group
`recipec`, as in `acme = "recipec_acme"`, and is called `acme` then: what it offers is called
`acme.…`. A hook is a function of that module with the decorator `hookimpl` and the name below; it
takes the arguments that it needs, by their names. Modules are imported when recipec starts, so
import operators inside the hooks.

A hook that raises, takes too long or answers something else is told of with the plugin, its version
and the hook, and all else goes on. What it writes to standard output goes to standard error; what
it changes of the process (the working directory, seeds, environment variables) is put back, and
told. See [recipes.md](recipes.md#plugins-that-misbehave).
"""
EXAMPLE = re.compile(r"^(?:# (\S+\.py)|<!-- (\S+) -->)$", re.MULTILINE)


def hook_text(documentation: str) -> tuple[str, dict[str, str]]:
    """Split what a hook says of itself into prose, and the files of its example by their path."""
    prose, _, example = documentation.partition("\n\n    ")
    text = textwrap.dedent(f"    {example}")
    found = list(EXAMPLE.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    files = {
        one[1] or one[2]: text[one.end() : end].strip() + "\n"
        for one, end in zip(found, ends, strict=True)
    }
    return prose, files


def hooks() -> str:
    """Describe every hook, with its example."""
    parts = ["# Hooks\n", NOTE, HOOKS]
    for name, hook in vars(hookspecs).items():
        if not name.startswith("recipec_"):
            continue
        prose, files = hook_text(inspect.getdoc(hook) or "")
        arguments = ", ".join(map(str, inspect.signature(hook).parameters.values()))
        gives = inspect.signature(hook).return_annotation
        parts.append(f"## {name}\n\n`({arguments}) -> {gives}`\n\n{prose}\n")
        for path, text in files.items():
            languages = {".py": "python", ".j2": "jinja"}
            language = languages.get(Path(path).suffix, "markdown")
            fence = "````" if "```" in text else "```"
            parts.append(f"`{path}`:\n\n{fence}{language}\n{text}{fence}\n")
    return "\n".join(parts)


def report() -> str:
    """Describe the report, and every value that a template of it may use."""
    sys.path.insert(0, str(ROOT / "docs"))
    from report_page import page

    folder = ROOT / "recipec" / "report" / "templates"
    whole = ("report", "comparison", "page")
    parts = [f.name for f in folder.glob("*.html.j2") if f.name.partition(".")[0] not in whole]
    text = (folder / "report.html.j2").read_text(encoding="utf-8")
    written = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    return page(written, sorted(parts), re.findall(r"{% block (\w+) %}", text))


def seven_steps_plan() -> str:
    """Give the plan of the seven steps as a new user sees it, without digests of data."""
    with tempfile.TemporaryDirectory() as store, chdir(ROOT):
        recipe = recipec.load_recipe(Path("recipes", "seven-steps.yaml"))
        text = recipec.compile_recipe(recipe, store=store).text()
    return re.sub(r"\s+sha256:\w+", "", text)


def with_references(page: str, catalog: Catalog) -> str:
    """Give a technique's page with the reference of each operator that it marks."""

    def reference(found: re.Match[str]) -> str:
        id = found[1]
        described = _operator(id, catalog.operators[id].operator)
        return f"<!-- operator: {id} -->\n{described}<!-- end of operator -->\n"

    return REFERENCE.sub(reference, page)


def technique_pages() -> list[Path]:
    """Give the pages about techniques."""
    return sorted(page for page in TECHNIQUES.glob("*.md") if page.name != "README.md")


def techniques(catalog: Catalog) -> str:
    """List the pages about techniques, with the operators that each is about."""
    lines = ["# Techniques\n", NOTE, "What each does, when it helps, when it hurts, and what it"]
    lines[-1] += " bought where we measured it.\n\n| operator | | page |\n|---|---|---|"
    for page in technique_pages():
        text = page.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        for id in dict.fromkeys(found[1] for found in REFERENCE.finditer(text)):
            summary = catalog.operators[id].operator.summary
            lines.append(f"| `{id}` | {summary} | [{title}]({page.name}) |")
    return "\n".join(lines) + "\n"


def with_plan(readme: str) -> str:
    """Give the README's text with the plan of today."""
    return PLAN.sub(lambda found: f"{found[1]}{seven_steps_plan()}{found[2]}", readme)


def main() -> None:
    """Rewrite all generated documentation."""
    (ROOT / "docs" / "cli.md").write_text(command_line(), encoding="utf-8")
    (ROOT / "docs" / "operators.md").write_text(operators(discover()), encoding="utf-8")
    (ROOT / "docs" / "hooks.md").write_text(hooks(), encoding="utf-8")
    (ROOT / "docs" / "report.md").write_text(report(), encoding="utf-8")
    (ROOT / "docs" / "codes.md").write_text(codes(discover()), encoding="utf-8")
    for page in technique_pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(with_references(text, discover()), encoding="utf-8")
    (TECHNIQUES / "README.md").write_text(techniques(discover()), encoding="utf-8")
    readme = ROOT / "README.md"
    readme.write_text(with_plan(readme.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
