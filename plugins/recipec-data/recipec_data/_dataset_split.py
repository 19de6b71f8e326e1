"""Load a split of a dataset, from a folder or the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import datasets

from recipec.api import OperatorError
from recipec.api.published import local_path

_SAVED = ("dataset_info.json", "dataset_dict.json")
"""Files by which a folder that `save_to_disk` wrote is known."""


def load_split(source: Mapping[str, Any]) -> Any:
    """Load a split; its rows give plain values, however it was saved.

    Raises OperatorError at ("dataset",) or ("dataset_split",).
    """
    with _quietly():
        return _loaded(source).with_format(None)


def _loaded(source: Mapping[str, Any]) -> Any:
    try:
        folder = local_path(source)
    except OperatorError as problem:
        raise OperatorError(problem.message, at=("dataset",)) from problem
    name = source["hub"] if folder is None else folder.name
    split = source["split"]
    try:
        if folder is not None and any((folder / file).is_file() for file in _SAVED):
            found = datasets.load_from_disk(str(folder))
            if not isinstance(found, datasets.DatasetDict):
                if split != "train":  # which is what is meant when nothing is said
                    raise OperatorError(
                        f"{name} holds rows, and no splits of them",
                        at=("dataset_split",),
                        hint="leave `dataset_split` out",
                    )
                return found
            if split not in found:
                raise OperatorError(
                    f"{name} has no split {split!r}",
                    at=("dataset_split",),
                    hint=f"it has: {', '.join(found)}",
                )
            return found[split]
        return datasets.load_dataset(
            source["hub"] if folder is None else str(folder),
            source["configuration"],
            split=split,
            revision=source.get("revision"),
        )
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as problem:
        said = " ".join(str(problem).split()).replace(str(folder), name)
        place = "dataset_split" if said.startswith("Unknown split") else "dataset"
        raise OperatorError(
            f"{name} can't be loaded: {said[:200]}",
            at=(place,),
            hint="the hub must be reached once, when the plan is made; or give a local folder"
            if "hub" in source
            else "a folder that `save_to_disk` wrote, or one of Parquet, CSV or JSON files",
        ) from problem


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the library's progress bars off recipec's display."""
    shown = datasets.is_progress_bar_enabled()
    datasets.disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            datasets.enable_progress_bars()
