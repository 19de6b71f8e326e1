"""Read a file that recipec wrote: versioned JSON of one kind, or one clear error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from recipec.diagnostics import Diagnostic, UsageError, error
from recipec.source import DocumentError, Span, read_document

M = TypeVar("M", bound=BaseModel)


class FileKind(NamedTuple):
    """A kind of file: its error code, its name for people, its format, and how to make one."""

    code: str
    what: str
    format: str
    again: str


def read_versioned(path: Path, kind: FileKind, model: type[M]) -> M:
    """Read a file and check all of it. Raises UsageError with one error, at its place."""
    text = _text(path, kind)
    data = _parse(text, path, kind)
    found = format_of(data)
    if found != kind.format:
        raise UsageError(_other(path, kind, found))
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        raise UsageError(_damaged(problem, text, path, kind)) from problem


def format_of(data: Any) -> str | None:
    """Say what format JSON is in, None when it is none of recipec's."""
    found = data.get("format") if isinstance(data, dict) else None
    return found if isinstance(found, str) and found.startswith("recipec.") else None


def is_replaceable(path: Path, kind: FileKind) -> bool:
    """Say whether a file may be written over: it isn't there, is empty, or is of this kind."""
    try:
        if path.exists() and not path.is_file():
            return False  # a folder, a pipe, a device
        data = path.read_bytes()
        found = format_of(json.loads(data)) if data.strip() else kind.format
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError, RecursionError):
        return False
    return found is not None and found.partition("/")[0] == kind.format.partition("/")[0]


def _text(path: Path, kind: FileKind) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        message = f"{path} can't be read: {problem.strerror}"
        raise UsageError(error(kind.code, message, hint=kind.again)) from problem
    except UnicodeDecodeError as problem:
        raise UsageError(
            error(kind.code, f"{path} is not {kind.what}: it is no text", hint=kind.again)
        ) from problem


def _parse(text: str, path: Path, kind: FileKind) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        line = text.split("\n")[problem.lineno - 1]  # lines as the parser counts them
        span = Span(
            str(path), problem.lineno, problem.colno, problem.lineno, problem.colno + 1, line
        )
        message = f"this is not {kind.what}: it is no JSON ({problem.msg})"
        raise UsageError(error(kind.code, message, span, kind.again)) from problem
    except ValueError as problem:  # a number of thousands of digits
        message = f"{path} is not {kind.what}: {problem}"
        raise UsageError(error(kind.code, message, hint=kind.again)) from problem
    except RecursionError as problem:
        message = f"{path} is not {kind.what}: it is nested too deeply"
        raise UsageError(error(kind.code, message, hint=kind.again)) from problem


def _other(path: Path, kind: FileKind, found: str | None) -> Diagnostic:
    if found is None:
        return error(kind.code, f"{path} is not {kind.what}", hint=kind.again)
    if found.partition("/")[0] == kind.format.partition("/")[0]:
        message = f"{path} is of another version of recipec: {found}; this one reads {kind.format}"
        return error(kind.code, message, hint=kind.again)
    message = f"{path} is not {kind.what}: its format is {found}"
    return error(kind.code, message, hint=kind.again)


def _damaged(problem: ValidationError, text: str, path: Path, kind: FileKind) -> Diagnostic:
    first = problem.errors(include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    said = first["msg"][:1].lower() + first["msg"][1:]
    try:  # YAML knows the places of JSON's values
        span = read_document(text, str(path)).spans.nearest(first["loc"]).value
    except DocumentError:
        span = None
    at = "" if span else f"{path}: "
    return error(kind.code, f"{at}{where}: {said}" if where else f"{at}{said}", span, kind.again)
