"""Whether an ONNX file computes what another one does, or what a part of it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx

from recipec.api.errors import OperatorError
from recipec.api.onnx._compare import Comparison, compare
from recipec.api.onnx._session import Array, Session


def compare_outputs(
    before: Path,
    after: Path,
    samples: Iterable[Mapping[str, Array]],
    *,
    threads: int = 1,
    renamed: Mapping[str, str] | None = None,
    optimized: bool = True,
) -> Comparison:
    """Run two ONNX files in onnxruntime on the same samples, which are inputs of `before`.

    `renamed` maps names in `before` to those in `after`. Every input and output of `after` may be
    any value of `before`: one that is inside its graph is looked at there, so that a part can be
    compared with the whole; inputs are cast to the types that `after` wants. `optimized` is that
    of `Session`. Raises OperatorError when onnxruntime refuses a model, and when `after` has a
    value that `before` hasn't.
    """
    old = {new: name for name, new in (renamed or {}).items()}
    late = Session(after, threads, optimized=optimized)
    given = {name: old.get(name, name) for name in late.inputs}
    wanted = [old.get(name, name) for name in late.outputs]
    shown = _showing(before, [*given.values(), *wanted])
    early = Session(shown, threads, optimized=optimized)

    def outputs() -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
        for arrays in samples:
            values = {**dict(zip(early.outputs, early.run(arrays), strict=True)), **arrays}
            made = late.run({name: values[source] for name, source in given.items()})
            count = next((len(array) for array in arrays.values() if array.ndim), 1)
            yield count, made, [values[name] for name in wanted]

    return compare(outputs())


def _showing(path: Path, names: Iterable[str]) -> Path | bytes:
    """Give the model with these values among its outputs, as it is where they are already."""
    model = onnx.load(path, load_external_data=False)
    known = {value.name for value in (*model.graph.input, *model.graph.output)}
    inside = {name for node in model.graph.node for name in node.output}
    missing = [name for name in dict.fromkeys(names) if name not in known]
    if unknown := [name for name in missing if name not in inside]:
        raise OperatorError(f"the model before has no value {unknown[0]!r} to compare with")
    if not missing:
        return path
    onnx.load_external_data_for_model(model, str(path.parent))
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in missing)
    serialized: bytes = model.SerializeToString()
    return serialized
