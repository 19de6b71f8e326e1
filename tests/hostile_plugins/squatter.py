"""It offers an operator in another plugin's namespace."""

from recipec.api import hookimpl
from toys.operators import Scale


class Mine(Scale):
    id = "toys.scale"


@hookimpl
def recipec_operators():
    return [Mine]
