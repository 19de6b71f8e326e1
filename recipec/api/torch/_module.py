"""A torch module on disk: builder + edits + weights, and nothing that runs code when it's read.

The folder holds `module.json` (a `SavedModule`), `weights.safetensors`, and for a builder in a
local file `code/` with that file and the modules beside it that it imports. Code runs only when
the module is built, as the recipe asks.
"""

from __future__ import annotations

import inspect
import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import torch
from pydantic import Field
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from recipec.api.artifacts import TensorSpec
from recipec.api.code import beside, load_object, local_files
from recipec.api.edits import Edit
from recipec.api.errors import OperatorError
from recipec.api.frozen import Frozen
from recipec.api.references import ImportString
from recipec.api.torch._edits import apply_edits

STRUCTURE = "module.json"
WEIGHTS = "weights.safetensors"
CODE = "code"


class SavedModule(Frozen):
    """What `module.json` says: how to build the module that the weights belong to.

    `builder` is an import string; its file, if it is one, is looked for in the artifact's `code/`.
    `inputs` are the positional inputs in their order; the dimension "N" is the batch.
    """

    builder: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    inputs: tuple[TensorSpec, ...]
    edits: tuple[Edit, ...] = ()


def read_structure(path: Path) -> SavedModule:
    """Read an artifact's `module.json`. Raises OperatorError when it isn't one."""
    try:
        return SavedModule.model_validate_json((path / STRUCTURE).read_bytes())
    except (OSError, ValueError) as problem:
        raise OperatorError(f"not a saved torch module: {problem}") from problem


def build_module(
    builder: ImportString, arguments: Mapping[str, Any], folder: Path | None = None
) -> nn.Module:
    """Call a builder: random weights, as it makes them; the state of torch's generator is kept.

    Raises OperatorError at ("args",) when the builder can't take the arguments, and at
    ("builder",) when it can't be imported, raises, or doesn't return an `nn.Module`.
    """
    with _no_bytecode():  # artifacts are immutable: importing from one must not write to it
        try:
            function = load_object(builder, folder)
        except OperatorError as problem:
            raise OperatorError(problem.message, at=("builder",), hint=problem.hint) from problem
        with beside(builder, folder):
            return call_builder(builder, function, arguments)


def call_builder(builder: str, function: Any, arguments: Mapping[str, Any]) -> nn.Module:
    """Call a builder that is loaded already. Raises OperatorError as `build_module` does."""
    _check_arguments(builder, function, arguments)
    try:
        with torch.random.fork_rng(devices=[]):
            module = function(**arguments)
    except (Exception, SystemExit) as problem:  # a builder is user code: it may raise anything
        message = f"{builder} raised {type(problem).__name__}: {problem}"
        raise OperatorError(message, at=("args",) if arguments else ("builder",)) from problem
    if not isinstance(module, nn.Module):
        raise OperatorError(
            f"{builder} returned {type(module).__name__}, not an nn.Module", at=("builder",)
        )
    return module


def _check_arguments(builder: str, function: Any, arguments: Mapping[str, Any]) -> None:
    if not callable(function):
        raise OperatorError(f"{builder} is not callable", at=("builder",))
    try:
        signature = inspect.signature(function)
    except ValueError:  # some built-in callables have none
        return
    try:
        signature.bind(**arguments)
    except TypeError as problem:
        unknown = next((name for name in arguments if name not in signature.parameters), None)
        near = get_close_matches(unknown or "", signature.parameters, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        if not arguments:  # there may be no `args` that the error could stand at
            meant = f"write `args: {{{_first_required(signature)}: …}}`; "
        raise OperatorError(
            f"{builder} can't take these arguments: {problem}",
            at=("args",) if unknown is None else ("args", unknown),
            hint=f"{meant}its signature is {signature}",
        ) from problem


def _first_required(signature: inspect.Signature) -> str:
    """Name the first parameter that must be given; there is one where no arguments don't bind."""
    given_by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return next(
        (
            parameter.name
            for parameter in signature.parameters.values()
            if parameter.kind in given_by_name and parameter.default is parameter.empty
        ),
        "name",
    )


@contextmanager
def _no_bytecode() -> Iterator[None]:
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def load_module(path: Path) -> nn.Module:
    """Load an artifact: build, replay the edits, load the weights strictly; CPU, eval mode.

    Raises OperatorError when it can't be built or the weights don't belong to it.
    """
    structure = read_structure(path)
    module = build_module(ImportString(structure.builder), structure.arguments, path / CODE)
    module = apply_edits(module, structure.edits)
    load_weights(module, read_safetensors(path / WEIGHTS))
    return module.eval()


def save_module(
    path: Path, module: nn.Module, structure: SavedModule, code_from: Path | None = None
) -> None:
    """Write an artifact folder; `code_from` is an artifact whose `code/` is copied.

    The same module and structure give the same bytes. Raises OperatorError when the module's state
    holds something that is not a tensor.
    """
    path.mkdir(parents=True, exist_ok=True)
    text = json.dumps(structure.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (path / STRUCTURE).write_text(text + "\n", encoding="utf-8")
    save_file(_unshared_state(module), path / WEIGHTS)
    if code_from is not None and (code_from / CODE).is_dir():
        shutil.copytree(code_from / CODE, path / CODE, ignore=shutil.ignore_patterns("__pycache__"))


def save_code(path: Path, file: Path) -> None:
    """Copy a builder's `.py` file, and the modules beside it that it imports, into an artifact."""
    for source in local_files(file):
        target = path / CODE / source.relative_to(file.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def save_like(path: Path, source: Path, module: nn.Module, edits: Sequence[Edit] = ()) -> None:
    """Write a module that was loaded from the artifact `source` and then changed by `edits`."""
    structure = read_structure(source)
    changed = structure.model_copy(update={"edits": (*structure.edits, *edits)})
    save_module(path, module, changed, code_from=source)


def _unshared_state(module: nn.Module) -> dict[str, Tensor]:
    """Give the state with a shared tensor only once, under its first name."""
    seen: set[tuple[object, ...]] = set()
    kept: dict[str, Tensor] = {}
    for name, value in module.state_dict().items():
        if not isinstance(value, Tensor):
            raise OperatorError(f"the module's state holds {name!r}, which is not a tensor")
        if (identity := _identity(value)) not in seen:
            seen.add(identity)
            kept[name] = _with_memory_of_its_own(value.detach().cpu().contiguous())
    return kept


def _with_memory_of_its_own(value: Tensor) -> Tensor:
    """Copy a part of a larger tensor: safetensors refuses two that share memory."""
    whole = value.untyped_storage().nbytes() == value.numel() * value.element_size()
    return value if whole else value.clone()


def _identity(value: Tensor) -> tuple[object, ...]:
    """Tell tensors apart that have memory of their own; equal for two names of one tensor."""
    if not value.numel():
        return (id(value),)
    return (value.untyped_storage()._cdata, value.storage_offset(), value.shape, value.stride())


def load_weights(module: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copy weights into a module, strictly: the same names, shapes and types.

    A tensor that the module has under several names may stand under one of them. Raises
    OperatorError that names what is missing, unexpected or doesn't fit.
    """
    state = module.state_dict()
    names: dict[tuple[object, ...], list[str]] = {}
    for name, value in state.items():
        names.setdefault(_identity(value), []).append(name)
    missing = [same[0] for same in names.values() if not any(name in weights for name in same)]
    if missing:
        raise OperatorError(
            f"the weights lack {_some(missing)}", hint=_instead(missing[0], list(weights))
        )
    if unexpected := [name for name in weights if name not in state]:
        raise OperatorError(f"the weights have {_some(unexpected)}, which the module doesn't")
    for name, value in weights.items():
        if value.shape != state[name].shape:
            raise OperatorError(
                f"{name} is {list(value.shape)} in the weights,"
                f" {list(state[name].shape)} in the module"
            )
        if value.dtype != state[name].dtype:
            raise OperatorError(
                f"{name} is {value.dtype} in the weights, {state[name].dtype} in the module"
            )
    with torch.no_grad():
        for name, value in weights.items():
            state[name].copy_(value)


def _instead(missing: str, there: Sequence[str]) -> str:
    """Say what is there in place of a name: often the same with a wrapper's prefix."""
    for name in there:
        if name.endswith(f".{missing}"):
            prefix = name.removesuffix(missing)
            return f"their names begin with {prefix!r}: save the inner module's state dict"
    return f"they have {_some(there)}" if there else "they are empty"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(repr, names[:3])) + more


def read_safetensors(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file. Raises OperatorError when it isn't one."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as problem:
        raise OperatorError(f"{path.name} can't be read as safetensors: {problem}") from problem
