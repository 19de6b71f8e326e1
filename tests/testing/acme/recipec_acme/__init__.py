"""A tiny plugin whose models are text files: one operator that behaves, many that don't."""

from recipec.api import hookimpl


@hookimpl
def recipec_operators():
    from recipec_acme import bad
    from recipec_acme.good import Repeat

    offered = [o for o in vars(bad).values() if isinstance(o, type) and issubclass(o, Repeat)]
    return [o for o in offered if o is not bad.NotOffered]
