"""Data sources: digits, MNIST-1D, IDX and NPZ files, pictures, texts, datasets in Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recipec.api import Lint, Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_data.digits import Digits
    from recipec_data.huggingface import HuggingFace
    from recipec_data.idx import Idx
    from recipec_data.image_folder import ImageFolder
    from recipec_data.mnist1d import Mnist1d
    from recipec_data.npz import Npz
    from recipec_data.python_dataset import PythonDataset
    from recipec_data.random_normal import RandomNormal
    from recipec_data.text import Text

    return [Digits, HuggingFace, Idx, ImageFolder, Mnist1d, Npz, PythonDataset, RandomNormal, Text]


@hookimpl
def recipec_lints() -> list[Lint]:
    from recipec_data.lints import NOISE

    return [NOISE]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_data.recipe_parts import PARTS

    return PARTS
