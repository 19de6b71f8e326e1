"""It offers an artifact kind in another plugin's namespace."""

from recipec.api import Model, hookimpl


class Taken(Model):
    kind = "toys.other"


@hookimpl
def recipec_artifact_kinds():
    return [Taken]
