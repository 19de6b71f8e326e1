"""A licence that isn't one is corrected."""

import pytest
from pydantic import TypeAdapter, ValidationError

from recipec_package.licence import Licence

READ: TypeAdapter[str] = TypeAdapter(Licence)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Apache2.0", "Apache-2.0"), ("MTI", "MIT"), ("bsd 3 clause", "BSD-3-Clause")],
)
def test_a_misspelt_licence_is_corrected(written, meant):
    with pytest.raises(ValidationError) as caught:
        READ.validate_python(written)
    (problem,) = caught.value.errors()
    assert problem["ctx"]["hint"].startswith(f"did you mean '{meant}'? ")
