"""Artifacts of the example networks, and of any builder's."""

from recipec.api import Built, ImportString, TensorSpec
from recipec.api.torch import SavedModule, build_module, module_facts, reproducible, save_module
from recipec.testing import artifact

SHAPES = {"Signal": (2, 40), "Reader": (8, 6), "Grouped": (4, 8, 8)}


def save(folder, builder, *shape, **arguments):
    """Make an artifact of what a builder makes, with the facts that `torch.model` plans."""
    inputs = (TensorSpec(name="x", shape=("N", *shape)),)
    with reproducible(seed=0, threads=1):
        module = build_module(ImportString(builder), arguments)
    structure = SavedModule(builder=builder, arguments=arguments, inputs=inputs)
    save_module(folder, module, structure)
    built = Built(builder=builder, arguments=arguments)
    facts = module_facts(module, inputs).model_copy(update={"built": built})
    return artifact(facts, folder)


def save_net(folder, name, **arguments):
    """Make an artifact of an example network."""
    return save(folder, f"arch_examples.nets:{name}", *SHAPES.get(name, (3, 8, 8)), **arguments)
