"""Python code that a recipe names: which files it is, and how to load it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from recipec.api.digests import digest_json, digest_path
from recipec.api.errors import OperatorError
from recipec.api.references import ImportString


def load_object(code: ImportString, folder: Path | None = None) -> Any:
    """Import what `code` names; `folder` is where a `file.py` is looked for.

    Modules beside the file can be imported by it. Raises OperatorError when the module can't be
    imported or has no such name.
    """
    try:
        found: Any = (
            _load_file(code, folder) if code.is_file else importlib.import_module(code.module)
        )
    except (Exception, SystemExit) as problem:  # user code may raise anything when imported
        raise OperatorError(
            f"{code.module} can't be imported: {type(problem).__name__}: {problem}"
        ) from problem
    for name in code.name.split("."):
        if not hasattr(found, name):
            raise OperatorError(f"{code.module} has no {name!r}", hint=_offers(found, name))
        found = getattr(found, name)
    return found


def _offers(found: object, wrong: str, most: int = 12) -> str | None:
    """Say which name was meant, or what there is to call."""
    from difflib import get_close_matches  # only needed once something is wrong

    names = [name for name in vars(found) if not name.startswith("_")]
    if near := get_close_matches(wrong, names, n=1):
        return f"did you mean {near[0]!r}?"
    named = [name for name in names if callable(vars(found)[name])]
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return f"it has: {', '.join(named[:most])}{more}" if named else None


def _load_file(code: ImportString, folder: Path | None) -> Any:
    path = ((folder or Path()) / code.module).resolve()
    files = local_files(path)
    name = f"recipec_local_{digest_json([digest_path(f) for f in files])[:16]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    with _beside(path.parent, files):
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return module


@contextmanager
def beside(code: ImportString, folder: Path | None = None) -> Iterator[None]:
    """Let code that `load_object` gave import the modules beside its file while it is called."""
    if not code.is_file:
        yield
        return
    path = ((folder or Path()) / code.module).resolve()
    with _beside(path.parent, local_files(path)):
        yield


@contextmanager
def _beside(folder: Path, files: tuple[Path, ...]) -> Iterator[None]:
    """Let modules beside a file be imported, and forget their plain names afterwards.

    Two models may each have a `parts.py` of their own; the one that is imported first must not
    stand in for the other's.
    """
    names = {f.relative_to(folder).parts[0].removesuffix(".py") for f in files}

    def take() -> dict[str, ModuleType]:
        found = [name for name in sys.modules if name.partition(".")[0] in names]
        return {name: sys.modules.pop(name) for name in found}

    others = take()
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        take()
        sys.modules.update(others)


def local_files(path: Path) -> tuple[Path, ...]:
    """Give a `.py` file and the modules beside it that it imports, found in its syntax tree.

    Raises OperatorError when one of them isn't valid Python.
    """
    folder = path.parent
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = None
        try:
            tree = ast.parse(file.read_bytes(), file.name)
        except SyntaxError as problem:
            line = f":{problem.lineno}" if problem.lineno else ""
            raise OperatorError(f"{file.name}{line}: {problem.msg}") from problem
        except (RecursionError, MemoryError) as problem:  # what Python's parser says to both
            raise OperatorError(f"{file.name} is too large, or nests too deep") from problem
        for node in ast.walk(tree):
            start = folder
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                if node.level > len(file.parents):
                    continue  # above the root of all folders
                if node.level:  # relative: to the file's own package, or one further up
                    start = file.parents[node.level - 1]
                inner = [f"{node.module}.{a.name}" if node.module else a.name for a in node.names]
                names = [*([node.module] if node.module else []), *inner]
            else:
                continue
            for name in names:
                waiting += _files_of(start, name.split("."), folder)
    return tuple(sorted(found))


def _files_of(start: Path, parts: list[str], folder: Path) -> Iterator[Path]:
    """Give the files that importing a dotted name below `start` would run, within `folder`."""
    for length in range(1, len(parts) + 1):
        place = start.joinpath(*parts[:length])
        for candidate in (place.with_suffix(".py"), place / "__init__.py"):
            if candidate.is_file() and candidate.is_relative_to(folder):
                yield candidate
