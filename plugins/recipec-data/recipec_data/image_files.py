"""Find the pictures of a folder and the classes that they are of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

from recipec.api import OperatorError

ENDINGS: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp"})
_LAYOUT: Final = "a folder for each class, with its pictures in it: cat/1.png, dog/2.jpg"


class ImageFiles(NamedTuple):
    """Pictures relative to the folder, their classes (None without), and the classes' names."""

    files: tuple[str, ...]
    labels: tuple[int, ...] | None
    names: tuple[str, ...]


def find_images(folder: Path, labelled: bool) -> ImageFiles:
    """Find pictures in a fixed order: by class, then by name, whatever the file system says.

    Classes are numbered in the order of their names. What begins with a dot is left aside, as a
    file manager does. Raises OperatorError at ("folder",), for a link that leaves the folder too.
    """
    if not folder.is_dir():
        raise OperatorError(f"{folder.name} is not a folder", at=("folder",), hint=_LAYOUT)
    if not labelled:
        loose = _pictures(folder, folder)
        if not loose:
            raise OperatorError(f"{folder.name} holds no pictures", at=("folder",), hint=_endings())
        return ImageFiles(loose, None, ())
    classes = sorted(
        path.name
        for path in folder.iterdir()
        if path.is_dir() and not _hidden(Path(path.name)) and not _is_picture(path, folder)
    )
    if not classes:
        lying = "; pictures lie in it themselves" if _pictures(folder, folder) else ""
        raise OperatorError(
            f"{folder.name} holds no folders of classes{lying}",
            at=("folder",),
            hint=f"{_LAYOUT}; or `labels: false`",
        )
    files: list[str] = []
    labels: list[int] = []
    for number, name in enumerate(classes):
        found = _pictures(folder / name, folder)
        if not found:
            raise OperatorError(
                f"the class {name!r} of {folder.name} has no pictures",
                at=("folder",),
                hint=_endings(),
            )
        files += found
        labels += [number] * len(found)
    return ImageFiles(tuple(files), tuple(labels), tuple(classes))


def _pictures(place: Path, folder: Path) -> tuple[str, ...]:
    found = [
        name
        for path in place.rglob("*")
        if not _hidden(name := path.relative_to(folder)) and _is_picture(path, folder)
    ]
    return tuple(sorted(name.as_posix() for name in found))


def _is_picture(path: Path, folder: Path) -> bool:
    """Say whether a path is a picture. Raises OperatorError for a link that leaves the folder."""
    leads = path.suffix.lower() in ENDINGS or path.is_dir()
    if leads and path.is_symlink() and not _real(path).is_relative_to(_real(folder)):
        name = (Path(folder.name) / path.relative_to(folder)).as_posix()
        raise OperatorError(
            f"{name} is a link that leaves the folder",
            at=("folder",),
            hint="put the pictures themselves there: what lies elsewhere is no part of the data",
        )
    return path.suffix.lower() in ENDINGS and path.is_file()


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))  # Path.resolve raises where links go in a circle


def _hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _endings() -> str:
    return f"they end in {', '.join(sorted(ENDINGS))}"
