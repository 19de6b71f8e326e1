"""It offers a metric that another plugin offers."""

from recipec.api import hookimpl
from toys.operators import Size


class Mine(Size):
    id = "usurper.size"


@hookimpl
def recipec_operators():
    return [Mine]
