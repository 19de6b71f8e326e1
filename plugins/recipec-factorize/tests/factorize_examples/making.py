"""Artifacts of the example networks, and of any builder's."""

from recipec.api import ImportString, TensorSpec
from recipec.api.torch import SavedModule, build_module, module_facts, reproducible, save_module
from recipec.testing import artifact

SHAPES = {"Pointwise": (3, 8, 8), "Encoder": (6, 32), "Reader": (8, 6)}


def save(folder, builder, *shape, inputs=None, **arguments):
    """Make an artifact of what a builder makes; its input is one of `shape`, or `inputs`."""
    inputs = inputs or (TensorSpec(name="x", shape=("N", *shape)),)
    with reproducible(seed=0, threads=1):
        module = build_module(ImportString(builder), arguments)
    structure = SavedModule(builder=builder, arguments=arguments, inputs=inputs)
    save_module(folder, module, structure)
    return artifact(module_facts(module, inputs), folder)


def save_net(folder, name):
    """Make an artifact of an example network."""
    return save(folder, f"factorize_examples.nets:{name}", *SHAPES.get(name, (40,)))
