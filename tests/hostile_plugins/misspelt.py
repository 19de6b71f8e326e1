"""It implements a hook that isn't there."""

from recipec.api import hookimpl


@hookimpl
def recipec_stage_begun(stage):
    raise AssertionError("never called")
