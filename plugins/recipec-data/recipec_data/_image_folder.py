"""Open the pictures of a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recipec.api import OperatorError
from recipec.api.data import Batch, Samples
from recipec_data._images import Conversion
from recipec_data._parts import Part, rows
from recipec_data.image_files import ImageFiles, find_images


@dataclass(frozen=True, slots=True)
class PictureSamples:
    """Pictures, read from their files whenever they are asked for."""

    folder: Path
    found: ImageFiles
    conversion: Conversion

    def __len__(self) -> int:
        return len(self.found.files)

    def take(self, indices: object) -> Batch:
        chosen = [int(index) for index in np.asarray(indices, dtype=np.intp)]
        arrays = [_opened(self.folder, self.found.files[i], self.conversion) for i in chosen]
        shape = (len(arrays), self.conversion.channels, *self.conversion.size)
        x = np.stack(arrays) if arrays else np.empty(shape, np.float32)
        labels = self.found.labels
        return Batch(
            {"x": x}, None if labels is None else np.array([labels[i] for i in chosen], np.int64)
        )


def load(
    folder: str, labelled: bool, conversion: Mapping[str, Any], part: Mapping[str, Any]
) -> Samples:
    """Open a part of the pictures. Raises OperatorError at ("folder",), when one is read too."""
    found = find_images(Path(folder), labelled)
    samples = PictureSamples(Path(folder), found, Conversion(**conversion))
    return Part(samples, rows(len(samples), **part))


def check(*, folder: str, labelled: bool) -> bool:
    """Look at the beginning and the checksums of every file. Raises OperatorError at ("folder",).

    What a decoder finds only further inside is an error when the picture is read.
    """
    for file in find_images(Path(folder), labelled).files:
        _opened(Path(folder), file, Image.Image.verify)
    return True


def _opened(folder: Path, file: str, use: Callable[[Image.Image], Any]) -> NDArray[np.float32]:
    try:
        with Image.open(folder / file) as picture:
            made: NDArray[np.float32] = use(picture)
            return made
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        said = str(problem).replace(str(folder), folder.name)
        raise OperatorError(
            f"{folder.name}/{file} can't be read as a picture: {said}", at=("folder",)
        ) from problem
