"""`extends`: the files that a recipe changes, in the order in which they are applied.

An entry is a file, relative to the one that names it, or `package:file` of an installed package.
Each file is applied once, at the first place where it is reached: before the file that extends it,
and of several in the order in which they are named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from recipec.diagnostics import MOST_ERRORS, Diagnostic, error
from recipec.recipe.origins import Origin, marked
from recipec.recipe.placed import Placed
from recipec.recipe.suggest import suggestion
from recipec.recipe.versions import version_problem
from recipec.source import Document, DocumentError, decode, read_bytes, read_document

MAX_DEPTH: Final = 16
"""How long a chain of files that extend each other may be."""
MAX_FILES: Final = 200
_SUFFIXES: Final = frozenset({".yaml", ".yml"})
_PACKAGED: Final = re.compile(r"(?P<package>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):(?P<file>[^:]+)")


class SourceFile(NamedTuple):
    """A file that a recipe is composed of.

    `name` is how places call it, `said` how the file that extends it does, and `folder` is where
    relative paths in it begin. Of a `packaged` one they are made absolute.
    """

    name: str
    said: str
    folder: Path
    document: Document
    root: Placed
    packaged: bool = False

    @property
    def is_overlay(self) -> bool:
        """Whether it changes others, and so may say `remove`, `replace`, `after` and `before`."""
        return isinstance(self.root.value, dict) and "extends" in self.root.value


def source_files(
    document: Document, folder: Path, problems: list[Diagnostic], path: Path | None = None
) -> tuple[SourceFile, ...]:
    """Give the file and all that it extends, in the order of application; the file is the last.

    `path` is where the document was read, None when that is nowhere. What is wrong with one of the
    files is added to `problems`.
    """
    root = Placed(document.value, document.spans)
    if problem := version_problem(root):
        problems.append(problem)
        return ()
    reading = _Reading(problems)
    file = SourceFile(document.file, document.file, folder, document, root)
    reading.add(file, () if path is None else ((path.resolve(), document.file),))
    return tuple(reading.files)


@dataclass
class _Reading:
    problems: list[Diagnostic]
    files: list[SourceFile] = field(default_factory=list)
    reached: set[Path] = field(default_factory=set)

    def add(self, file: SourceFile, chain: tuple[tuple[Path, str], ...]) -> None:
        """Add what a file extends, then the file; `chain` are the files that led to it."""
        for entry in self._entries(file.root):
            if len(self.problems) > MOST_ERRORS:
                break
            try:
                found = self._find(entry, file)
            except (OSError, RuntimeError, ValueError) as problem:  # a name that no file can have
                self._refuse(entry, "missing-file", f"{entry.value!r} can't be a file: {problem}")
                continue
            if found is None:
                continue
            path, packaged = found
            real = path.resolve()
            above = [other for other, _ in chain]
            if real in above:
                names = [name for _, name in chain[above.index(real) :]]
                way = " → ".join([*names, names[0]])
                self._refuse(entry, "extends-cycle", f"this file extends itself: {way}")
            elif len(chain) > MAX_DEPTH:
                message = f"more than {MAX_DEPTH} files extend each other in a row"
                self._refuse(entry, "extends-depth", message)
            elif len(self.reached) >= MAX_FILES:
                message = f"the recipe extends more than {MAX_FILES} files"
                self._refuse(entry, "extends-depth", message)
            elif real not in self.reached:
                self.reached.add(real)
                base = self._read(path, entry, packaged)
                if base is not None:
                    self.add(base, (*chain, (real, base.name)))
        self.files.append(file)

    def _refuse(self, entry: Placed, code: str, message: str, hint: str | None = None) -> None:
        self.problems.append(entry.error(code, message, hint))

    def _entries(self, root: Placed) -> Iterator[Placed]:
        given = root.get("extends")
        if given is None:
            return
        entries = list(given.entries()) if isinstance(given.value, list) else [given]
        if not entries:
            self._refuse(given, "invalid-value", "extends: this list names no file")
        for entry in entries:
            if not isinstance(entry.value, str) or not entry.value.strip():
                message = "extends: this should be the name of a file, or a list of names"
                self._refuse(entry, "invalid-value", message, "for example extends: base.yaml")
            elif "${" in entry.value:
                hint = "write the name itself; variables are known only when all files are merged"
                self._refuse(entry, "invalid-value", "extends: look-ups aren't followed here", hint)
            else:
                yield entry

    def _find(self, entry: Placed, file: SourceFile) -> tuple[Path, bool] | None:
        """Give the path of what an entry names, and whether a package holds it."""
        name = str(entry.value)
        packaged = _PACKAGED.fullmatch(name)
        if packaged:
            folder = package_folder(packaged["package"])
            if folder is None:
                message = f"there is no package {packaged['package']!r} here to take a recipe from"
                self._refuse(entry, "missing-file", message, "install it, or name a file")
                return None
            path = folder / packaged["file"]
            if not path.resolve().is_relative_to(folder.resolve()):
                message = f"{packaged['file']!r} leaves the package {packaged['package']!r}"
                self._refuse(entry, "missing-file", message)
                return None
        else:
            path = file.folder / Path(name).expanduser()
        if path.is_file():
            return path, packaged is not None or file.packaged
        message = f"{name!r} is a folder" if path.is_dir() else f"there is no file {name!r}"
        self._refuse(entry, "missing-file", message, _near(path, name))
        return None

    def _read(self, path: Path, entry: Placed, packaged: bool) -> SourceFile | None:
        here, said = entry.spans.value, str(entry.value)
        name = _shown(path)
        origin = Origin(f"from {said}, which {here.file}:{here.line} extends")
        try:
            document = read_document(decode(read_bytes(path), name), name)
        except DocumentError as problem:
            told = error(problem.code, problem.message, problem.span, problem.hint, origin)
            self.problems.append(told)
            return None
        except OSError as problem:
            self._refuse(entry, "missing-file", f"{said!r} can't be read: {problem.strerror}")
            return None
        root = Placed(document.value, marked(document.spans, origin))
        if told_version := version_problem(root):
            self.problems.append(told_version)
            return None
        return SourceFile(name, said, path.parent, document, root, packaged)


def package_folder(package: str) -> Path | None:
    """Give the folder of an installed package without importing it or a package around it."""
    from importlib.util import find_spec  # only needed when a recipe extends a package's

    top, *inner = package.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location, *inner)
        if folder.is_dir():
            return folder
    return None


def _shown(path: Path) -> str:
    """Name a file without the `..` on the way to it, unless a link makes that another file."""
    plain = Path(os.path.normpath(path))
    return str(plain if plain.exists() and plain.samefile(path) else path)


def _near(path: Path, name: str) -> str | None:
    """Give the hint on what isn't a file: the nearest one, named as the recipe would name it."""
    if path.is_dir():
        inside = sorted(other.name for other in path.iterdir() if other.suffix in _SUFFIXES)
        return f"in it: {', '.join(inside[:10])}" if inside else None
    if not path.parent.is_dir():
        return f"there is no folder {str(path.parent)!r} either"
    before = name[: len(name) - len(path.name)]
    others = [before + other.name for other in path.parent.iterdir() if other.suffix in _SUFFIXES]
    return suggestion(name, others, close=True)
