"""Build a scaled model: on the meta device to plan it, and for real."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import nn

from recipec.api import (
    UNKNOWN,
    Artifact,
    ImportString,
    OperatorError,
    RunContext,
    StageResult,
    TensorSpec,
    TorchModule,
    Unknown,
)
from recipec.api.code import load_object
from recipec.api.torch import (
    SavedModule,
    build_module,
    call_builder,
    load_module,
    module_facts,
    read_structure,
    reproducible,
    save_module,
)
from recipec_arch.rounding import deeper, scaled, sharper, wider

if TYPE_CHECKING:
    from recipec_arch.compound import CompoundScale


class Scaling(NamedTuple):
    """Arguments and inputs of the scaled model; `said` has a sentence for each that changed."""

    arguments: dict[str, Any]
    inputs: tuple[TensorSpec, ...]
    said: tuple[str, ...]


def inspect_scaled(
    *,
    code: Any,
    builder: str,
    arguments: Mapping[str, Any],
    scaling: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Give the facts `before` and `after`, the new `arguments`, and what is `said`, as JSON.

    Modules are built on the meta device; for real when the builder or forward pass needs values.
    Raises OperatorError.
    """
    from recipec_arch.compound import CompoundScale

    operator = CompoundScale(CompoundScale.params.model_validate(scaling))
    specs = tuple(TensorSpec.model_validate(spec) for spec in inputs)
    new = scale(operator, code, builder, arguments, specs)
    return {
        "before": _facts(lambda: call_builder(builder, code, arguments), specs, UNKNOWN),
        "after": _facts(lambda: call_builder(builder, code, new.arguments), new.inputs),
        "arguments": new.arguments,
        "said": list(new.said),
    }


def _facts(
    build: Callable[[], nn.Module], inputs: Sequence[TensorSpec], groups: Unknown | None = None
) -> dict[str, Any]:
    """Read the facts of what is built; its channel groups aren't looked for where UNKNOWN says."""
    try:
        with torch.device("meta"):
            return module_facts(build(), inputs, groups).to_json()
    except OperatorError:  # either it is wrong, or it needs real values: building it for real tells
        try:
            made = module_facts(build(), inputs, groups)
        except OperatorError as problem:  # `at` is a place in `torch.model`'s parameters
            raise OperatorError(problem.message, hint=problem.hint) from problem
    if not isinstance(made.layers, Unknown):
        made = made.model_copy(update={"layers": made.layers.without_zeros()})
    return made.to_json()


def rebuild(
    operator: CompoundScale, model: Artifact[TorchModule], context: RunContext
) -> StageResult:
    """Build the module of `model.path` again with scaled arguments, and save it.

    Raises OperatorError when it has edits, which belong to the module that was first built.
    """
    structure = read_structure(model.path)
    if structure.edits:
        raise OperatorError(
            "the model was changed since it was built, and scaling builds it again",
            hint="put `arch.compound_scale` before the stages that prune or replace layers",
        )
    builder, code = ImportString(structure.builder), model.path / "code"
    path = context.path_for("model")
    with reproducible(context.seed, context.threads):
        load_module(model.path)  # an artifact that is broken is an error, though no weight is used
        function = load_object(builder, code)
        new = scale(operator, function, builder, structure.arguments, structure.inputs)
        module = build_module(builder, new.arguments, code)
        made = SavedModule(builder=builder, arguments=new.arguments, inputs=new.inputs)
        save_module(path, module, made, code_from=model.path)
        facts = module_facts(load_module(path), new.inputs)
    return StageResult({"model": facts}, changed={"arguments and inputs scaled": len(new.said)})


def scale(
    operator: CompoundScale,
    function: Any,
    builder: str,
    arguments: Mapping[str, Any],
    inputs: tuple[TensorSpec, ...],
) -> Scaling:
    """Scale a builder's arguments and its inputs.

    Raises OperatorError at the parameter that names an argument which the builder hasn't, or which
    isn't a number, and at ("gamma",) when no input is an image.
    """
    with_ = operator.with_
    new, said = dict(arguments), []
    deep, wide, sharp = (one**with_.phi for one in (with_.alpha, with_.beta, with_.gamma))
    ways: tuple[tuple[str, str | None, float, Callable[[int], int]], ...] = (
        (
            "depth",
            with_.depth_argument,
            deep,
            lambda layers: deeper(layers, deep, with_.depth_multiple, with_.depth_plus),
        ),
        (
            "width",
            with_.width_argument,
            wide,
            lambda channels: wider(channels, wide, with_.width_multiple),
        ),
        (
            "resolution",
            with_.resolution_argument,
            sharp,
            lambda side: sharper(side, sharp, with_.resolution_multiple),
        ),
    )
    for what, name, factor, count in ways:
        if name is None or factor == 1:
            continue
        place = (f"{what}_argument",)
        before = _value(function, builder, arguments, name, place)
        try:
            after = scaled(before, factor, count)
        except TypeError as problem:
            raise OperatorError(f"{builder}: {name} can't be scaled: {problem}", at=place) from None
        if after != before:
            said.append(f"{what} × {factor:.4g}: {name} {_told(before)} → {_told(after)}")
        new[name] = after
    made = operator.scaled_inputs(inputs)
    for one, other in zip(inputs, made, strict=True):
        if one != other:
            said.append(f"resolution × {sharp:.4g}: {one} → {other}")
    return Scaling(new, made, tuple(said))


def _value(
    function: Any, builder: str, arguments: Mapping[str, Any], name: str, at: tuple[str, ...]
) -> Any:
    """Give the value that an argument has: the recipe's, or the builder's default."""
    parameters: Mapping[str, inspect.Parameter]
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # some built-in callables have none
        parameters = {}
    default = parameters[name].default if name in parameters else inspect.Parameter.empty
    value = arguments.get(name, default)
    if value is not inspect.Parameter.empty:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return float(value) if whole and isinstance(default, float) else value  # a multiplier
    factor = {"depth_argument": "alpha", "width_argument": "beta"}.get(at[0])
    otherwise = f"; where there is none, `{factor}: 1` leaves it" if factor else ""
    raise OperatorError(
        f"{builder} has no argument {name!r} with a value to scale",
        at=at,
        hint=f"its arguments are {', '.join(parameters) or 'unknown'}{otherwise}",
    )


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"[{', '.join(map(_told, value))}]" if isinstance(value, list | tuple) else str(value)
