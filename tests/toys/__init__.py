"""A plugin of toy operators that need no framework: models are lists of numbers in JSON."""

from recipec.api import hookimpl


@hookimpl
def recipec_operators():
    from toys import operators

    return [
        operators.Numbers,
        operators.ToyModel,
        operators.Scale,
        operators.Drop,
        operators.Pack,
        operators.Crash,
        operators.Lie,
        operators.Accelerate,
        operators.Size,
        operators.Right,
    ]


@hookimpl
def recipec_artifact_kinds():
    from toys import kinds

    return [kinds.ToyFacts, kinds.PackedFacts]


@hookimpl
def recipec_capabilities():
    from recipec.api import Capability

    return [Capability("accelerator", lambda: None, "a thing that no machine has")]
