"""A plugin of toy operators that need no framework: models are lists of numbers in JSON."""

from recipec.api import hookimpl


@hookimpl
def recipec_operators():
    from toys import meters, operators, tuning

    return [
        operators.Numbers,
        operators.ToyModel,
        operators.Scale,
        operators.Clear,
        operators.Drop,
        operators.Pack,
        operators.Crash,
        operators.Lie,
        operators.Accelerate,
        operators.Size,
        operators.Right,
        tuning.Tune,
        meters.Meter,
        meters.Fickle,
    ]


@hookimpl
def recipec_artifact_kinds():
    from toys import kinds

    return [kinds.ToyFacts, kinds.PackedFacts]


@hookimpl
def recipec_capabilities():
    from recipec.api import Capability

    return [Capability("accelerator", lambda: None, "a thing that no machine has")]


@hookimpl
def recipec_recipe_parts():
    from toys.recipe_parts import PARTS

    return PARTS
