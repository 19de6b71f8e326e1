"""Names and versions of installed distributions, read without parsing their whole metadata.

`importlib.metadata` parses all of METADATA as an e-mail, all of the long description: five
milliseconds for a large one, and a plan asks for a dozen. The fields stand in its first lines.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final

_FIELD: Final = re.compile(r"^(Name|Version):[ \t]*(\S+)[ \t]*$", re.MULTILINE)


def name_and_version(found: Distribution) -> tuple[str, str]:
    """Give a distribution's name and version."""
    head, _, _ = (found.read_text("METADATA") or "").partition("\n\n")
    fields = dict(_FIELD.findall(head))
    if len(fields) < 2:  # not a wheel's metadata (an egg's PKG-INFO, say): the slow way knows it
        return found.name, found.version
    return fields["Name"], fields["Version"]


def installed_version(name: str) -> str | None:
    """Give an installed distribution's version, None when it isn't installed."""
    try:
        return name_and_version(distribution(name))[1]
    except PackageNotFoundError:
        return None
