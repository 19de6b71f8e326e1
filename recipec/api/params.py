"""What a recipe may write under `with:`."""

from recipec.api.frozen import Frozen


class Params(Frozen):
    """Parameters of an operator. Subclass it; describe every field, with its unit.

    Unknown keys are errors, values are immutable, and everything must survive JSON.
    """


class NoParams(Params):
    """For an operator that takes none."""
