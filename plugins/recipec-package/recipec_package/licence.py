"""SPDX licence expressions, as a type of parameter."""

from difflib import get_close_matches
from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_HINT: Final = (
    "write an identifier of the SPDX list, such as 'MIT' or 'Apache-2.0', several joined by AND "
    "or OR, or 'LicenseRef-…' for one that isn't there"
)
_USUAL: Final = (
    "MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0", "Unlicense", "CC0-1.0",
    "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
    "GPL-3.0-or-later", "LGPL-2.1-only", "LGPL-3.0-only", "AGPL-3.0-only", "EPL-2.0", "BSL-1.0",
)  # fmt: skip
"""Those that are meant as a rule; the whole list has hundreds that differ by a letter."""


def _hint(text: str) -> str:
    plain = {"".join(filter(str.isalnum, one)).casefold(): one for one in _USUAL}
    written = "".join(filter(str.isalnum, text)).casefold()
    near = get_close_matches(written, plain, n=1, cutoff=0.6)
    return f"did you mean {plain[near[0]]!r}? {_HINT}" if near else _HINT


def _checked(text: str) -> str:
    # Parsed with a kept library, which brings the SPDX list along; imported where it is needed.
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression as problem:
        message = "{value} is not an SPDX licence expression"
        context = {"value": repr(text), "hint": _hint(text)}
        raise PydanticCustomError("unknown_licence", message, context) from problem


Licence = Annotated[str, AfterValidator(_checked)]
"""`MIT`, `Apache-2.0 OR MIT`; given back in the list's own spelling."""
