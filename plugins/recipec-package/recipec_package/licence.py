"""SPDX licence expressions, as a type of parameter."""

from typing import Annotated, Final

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_HINT: Final = (
    "write an identifier of the SPDX list, such as 'MIT' or 'Apache-2.0', several joined by AND "
    "or OR, or 'LicenseRef-…' for one that isn't there"
)


def _checked(text: str) -> str:
    # Parsed with a kept library, which brings the SPDX list along; imported where it is needed.
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression as problem:
        message = "{value} is not an SPDX licence expression"
        context = {"value": repr(text), "hint": _HINT}
        raise PydanticCustomError("unknown_licence", message, context) from problem


Licence = Annotated[str, AfterValidator(_checked)]
"""`MIT`, `Apache-2.0 OR MIT`; given back in the list's own spelling."""
