"""What `recipec plugins new` can begin, and the names that it gives to things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from recipec.diagnostics import UsageError, error

_KIT: Final = ("pytest>=8", "jsonschema>=4.23")
LONGEST: Final = 40


class Kind(NamedTuple):
    """A sort of plugin: what its `pyproject.toml` says, and whether it has operators."""

    name: str
    description: str
    dependencies: tuple[str, ...]
    test: tuple[str, ...]
    operators: bool = True


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind(
            "operator",
            "A technique for recipec: weights are clipped by the root mean square of their layer.",
            ("recipec[torch]",),
            _KIT,
        ),
        Kind(
            "data",
            "A data source for recipec: rows of CSV files become samples.",
            ("recipec", "numpy>=1.26"),
            _KIT,
        ),
        Kind(
            "report",
            "A section of recipec's report, with a chart, and an observer of stages.",
            ("recipec",),
            _KIT,
            operators=False,
        ),
        Kind(
            "probe",
            "A probe of the machine for recipec, an operator that needs what it finds, and a lint.",
            ("recipec",),
            _KIT,
        ),
    )
}


class Names(NamedTuple):
    """The names of a new plugin: `my_thing`, `recipec-my-thing`, `recipec_my_thing`."""

    name: str
    distribution: str
    package: str


def names_for(given: str) -> Names:
    """Name a plugin, its distribution and its package. Raises UsageError."""
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", given) or len(given) > LONGEST:
        meant = re.sub(r"[^a-z0-9]+", "-", given.lower()).strip("-0123456789")[:LONGEST].strip("-")
        message = f"{given!r} can't be a plugin's name: lower-case letters, digits, - and _ between"
        message += f" them, beginning with a letter, at most {LONGEST}"
        hint = f"for example {meant.removeprefix('recipec-') or 'acme'}"
        raise UsageError(error("plugin-name", message, hint=hint))
    bare = re.sub(r"^recipec[-_]", "", given)
    if bare == "recipec" or bare != given:
        message = f"the distribution is called recipec-NAME by itself; {given!r} says it twice"
        hint = f"recipec plugins new {bare}" if bare != "recipec" else "for example acme"
        raise UsageError(error("plugin-name", message, hint=hint))
    name = given.replace("-", "_")
    return Names(name, f"recipec-{name.replace('_', '-')}", f"recipec_{name}")
