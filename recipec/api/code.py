"""Python code that a recipe names: which files it is, and how to load it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

from recipec.api.digests import digest_path
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
    except Exception as problem:  # user code may raise anything while it is imported
        raise OperatorError(
            f"{code.module} can't be imported: {type(problem).__name__}: {problem}"
        ) from problem
    for name in code.name.split("."):
        if not hasattr(found, name):
            offered = ", ".join(n for n in vars(found) if not n.startswith("_"))
            raise OperatorError(f"{code.module} has no {name!r}", hint=f"it has: {offered}")
        found = getattr(found, name)
    return found


def _load_file(code: ImportString, folder: Path | None) -> Any:
    path = ((folder or Path()) / code.module).resolve()
    name = f"recipec_local_{digest_path(path)[:16]}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
    return module


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
            raise OperatorError(f"{file.name}:{problem.lineno}: {problem.msg}") from problem
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module] if node.module else [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                parts = name.split(".")
                for candidate in (
                    folder.joinpath(*parts).with_suffix(".py"),
                    folder.joinpath(*parts, "__init__.py"),
                ):
                    if candidate.is_file():
                        waiting.append(candidate)
    return tuple(sorted(found))
