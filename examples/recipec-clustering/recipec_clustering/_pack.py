"""Write a module as codebooks and indices."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from recipec.api import (
    Artifact,
    LayerTable,
    Metric,
    OperatorError,
    RunContext,
    StageResult,
    TorchModule,
    Unknown,
)
from recipec.api.torch import layer_table, load_module, read_structure, reproducible
from recipec_clustering._bits import pack_bits
from recipec_clustering._distinct import distinct
from recipec_clustering._kmeans import tensors_of
from recipec_clustering.kind import Codebook, Codebooks
from recipec_clustering.layout import CODEBOOK, FILE, INDICES, header, laid_out
from recipec_clustering.pack import facts_of
from recipec_clustering.weights import MOST, bits_for, full_name

if TYPE_CHECKING:
    from recipec_clustering.pack import Pack


def pack(operator: Pack, model: Artifact[TorchModule], context: RunContext) -> StageResult:
    """Pack the module at `model.path`.

    Raises OperatorError at ("bits",) where a tensor has more values than the bits can tell apart,
    and where a weight isn't finite.
    """
    with reproducible(context.seed, context.threads):
        module = load_module(model.path)
        table = model.facts.layers
        if isinstance(table, Unknown):
            table = layer_table(module, read_structure(model.path).inputs)
        chosen = operator.choose(table)
        values = {name: distinct(tensor) for name, tensor in tensors_of(module, chosen.weights)}
        packed = operator.packed(chosen, _bits(operator.with_.bits, values))
        for book in packed:
            _check_room(book, values[book.name])
        tensors = dict(_tensors(module, table))
        books = tuple(_counted(book, values[book.name], tensors[book.name]) for book in packed)
        facts = facts_of(model.facts, table, books)
        _write(context.path_for("model"), table, books, tensors)
        _copy_structure(model.path, context.path_for("model"))
    notes = () if books else ("no weight is clustered: all are stored as they are",)
    return StageResult({"model": facts}, (_ratio(facts),), notes)


def _bits(given: int | None, values: Mapping[str, Tensor]) -> dict[str, int]:
    """Give the bits of each tensor's indices; without `given`, of those with few values only."""
    if given is not None:
        return dict.fromkeys(values, given)
    return {name: bits_for(len(v)) for name, v in values.items() if len(v) <= MOST}


def _check_room(book: Codebook, values: Tensor) -> None:
    if len(values) > 2**book.bits:
        layer = book.name.rpartition(".")[0]
        raise OperatorError(
            f"{book.name} has {len(values):,} different values, and {book.bits} bits tell "
            f"{2**book.bits} apart",
            at=("bits",),
            hint=f"give the bits of clustering.kmeans, or exclude {layer!r} if it isn't clustered",
        )


def _tensors(module: nn.Module, table: LayerTable) -> Iterator[tuple[str, Tensor]]:
    """Give all tensors of the table, on the CPU."""
    for layer in table.layers:
        owner = module.get_submodule(layer.name)
        for tensor in layer.tensors:
            value = getattr(owner, tensor.name)
            assert isinstance(value, Tensor)
            yield full_name(layer, tensor), value.detach().cpu().contiguous()


def _counted(book: Codebook, values: Tensor, tensor: Tensor) -> Codebook:
    counts = torch.searchsorted(values, tensor.flatten()).bincount(minlength=len(values))
    found = {"values": tuple(values.tolist()), "counts": tuple(counts.tolist())}
    return book.model_copy(update=found)


def _write(
    path: Path, table: LayerTable, books: tuple[Codebook, ...], tensors: Mapping[str, Tensor]
) -> None:
    parts = dict(tensors)
    for book in books:
        tensor = parts.pop(book.name).flatten()
        values = distinct(tensor)
        unused = values[-1:].expand(2**book.bits - len(values))
        parts[CODEBOOK + book.name] = torch.cat([values, unused])
        parts[INDICES + book.name] = pack_bits(torch.searchsorted(values, tensor), book.bits)
    stored = laid_out(table, {book.name: book.bits for book in books})
    path.mkdir(parents=True, exist_ok=True)
    with (path / FILE).open("wb") as file:
        file.write(header(stored))
        for one in stored:
            file.write(parts[one.name].reshape(-1).view(torch.uint8).numpy().tobytes())


def _copy_structure(source: Path, target: Path) -> None:
    """Copy what says how the module is built: `module.json`, and `code/` where there is any."""
    shutil.copyfile(source / "module.json", target / "module.json")
    if (source / "code").is_dir():
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source / "code", target / "code", ignore=ignore)


def _ratio(facts: Codebooks) -> Metric:
    assert not isinstance(facts.dense_bytes, Unknown)
    assert not isinstance(facts.file_bytes, Unknown)
    ratio = facts.dense_bytes / facts.file_bytes
    return Metric(name="clustering.ratio", value=ratio, unit="1", better="higher")
