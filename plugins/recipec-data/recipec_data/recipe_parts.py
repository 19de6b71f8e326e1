"""What `recipec init` writes about data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from recipec.api.recipe_parts import DataPart, Question, RecipePart

_HELD_OUT: Final = (
    "`holdout` samples are held out of the training set for validation: write the same number in "
    "both. Choose on validation, report on test."
)


def _sets(
    training: Mapping[str, Any], test: Mapping[str, Any], holdout: int = 1000
) -> Mapping[str, Mapping[str, Any]]:
    return {
        "train": {**training, "split": "train", "holdout": holdout},
        "validation": {**training, "split": "validation", "holdout": holdout},
        "test": {**test, "split": "test"},
    }


PARTS: Final[tuple[RecipePart, ...]] = (
    DataPart(
        uses="data.digits",
        sets={split: {"split": split} for split in ("train", "validation", "test")},
        comment="Small pictures of digits that come with scikit-learn, to try things out.",
        labelled=True,
    ),
    DataPart(
        uses="data.idx",
        sets=_sets(
            {"images": "{train-images}", "labels": "{train-labels}"},
            {"images": "{test-images}", "labels": "{test-labels}"},
        ),
        comment=f"IDX files, as MNIST has. {_HELD_OUT}",
        labelled=True,
        questions=(
            Question("train-images", "IDX file of the training images"),
            Question("train-labels", "IDX file of the training labels"),
            Question("test-images", "IDX file of the test images"),
            Question("test-labels", "IDX file of the test labels"),
        ),
    ),
    DataPart(
        uses="data.npz",
        sets=_sets({"file": "{train-file}"}, {"file": "{test-file}"}),
        comment="Files made by numpy.savez, with the arrays x (images [N, C, H, W]) and y "
        f"(labels). {_HELD_OUT}",
        labelled=True,
        questions=(
            Question("train-file", "NPZ file of the training samples"),
            Question("test-file", "NPZ file of the test samples"),
        ),
    ),
    DataPart(
        uses="data.python",
        sets=_sets({"source": "{train-source}"}, {"source": "{test-source}"}),
        comment="Datasets from Python code, such as torchvision's. `args` are keyword arguments of "
        f"the function or class. {_HELD_OUT}",
        labelled=True,
        questions=(
            Question("train-source", "training dataset, as package.module:name or file.py:name"),
            Question("test-source", "test dataset, as package.module:name or file.py:name"),
        ),
    ),
    DataPart(
        uses="data.random",
        sets={"samples": {"input": {"x": {"shape": "{shape}"}}}},
        comment="Random samples are good for size and speed only. Give data with labels to measure "
        "accuracy, to calibrate on what the model will see, and to train after pruning.",
        labelled=False,
    ),
)
