"""Data sources: digits, IDX and NPZ files, random samples, and datasets in Python."""

from __future__ import annotations

from typing import Any

from recipec.api import Operator, hookimpl


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_data.digits import Digits
    from recipec_data.idx import Idx
    from recipec_data.npz import Npz
    from recipec_data.python_dataset import PythonDataset
    from recipec_data.random_normal import RandomNormal

    return [Digits, Idx, Npz, PythonDataset, RandomNormal]
