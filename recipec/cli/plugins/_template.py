"""Render the template of a distribution: files of `recipec/plugin_template`, by Jinja2.

Names of files and folders are templates in a small way: `PACKAGE` is the package's name, a leading
`dot-` stands for a dot, and `.j2` goes. Values stand in `<< >>`, statements in `<% %>`, so that
YAML, TOML, Python and Jinja2 itself can be written plainly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import recipec
from recipec.api.version import API_VERSION
from recipec.cli.plugins.kinds import Kind, Names

TEMPLATE: Final = Path(recipec.__file__).parent / "plugin_template"


def rendered(names: Names, kind: Kind) -> Iterator[tuple[PurePosixPath, str]]:
    """Give the path and the text of each file of the new distribution."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        undefined=StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # it writes Python, TOML and Markdown
    )
    values = _values(names, kind)
    for folder in ("every", kind.name):
        for file in sorted((TEMPLATE / folder).rglob("*.j2")):
            name = file.relative_to(TEMPLATE).as_posix()
            text = environment.get_template(name).render(values)
            yield _path(file.relative_to(TEMPLATE / folder), names), text


def _values(names: Names, kind: Kind) -> Mapping[str, Any]:
    major = int(API_VERSION.partition(".")[0])
    return {
        **names._asdict(),
        "kind": kind,
        "recipe": f"{names.name}-example",
        "log": f"{names.package.upper()}_LOG",
        "api_range": f">={API_VERSION},<{major + 1}",
        "year": date.today().year,
    }


def _path(template: Path, names: Names) -> PurePosixPath:
    parts = [part.replace("PACKAGE", names.package) for part in template.parts]
    named = [f".{part.removeprefix('dot-')}" if part.startswith("dot-") else part for part in parts]
    return PurePosixPath(*named[:-1], named[-1].removesuffix(".j2"))
