"""Read texts, and what stands beside them, from a file of lines, CSV, TSV or JSON lines."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recipec.api import OperatorError


class Record(NamedTuple):
    """One text with its label as it is written (None where none is read), and its line."""

    text: str
    label: Any
    line: int


def read_records(path: Path, format: str, text: str, label: str | None) -> list[Record]:
    """Read a file in one of `FORMATS`. Raises OperatorError at the parameter that is wrong."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            records = list(_rows(file, path.name, format, text, label))
    except UnicodeDecodeError as problem:
        raise OperatorError(f"{path.name} is not UTF-8: {problem}", at=("file",)) from problem
    except (OSError, csv.Error) as problem:
        raise OperatorError(f"{path.name} can't be read: {problem}", at=("file",)) from problem
    if not records:
        raise OperatorError(f"{path.name} holds no texts", at=("file",))
    return records


def _rows(file: Any, name: str, format: str, text: str, label: str | None) -> Iterator[Record]:
    if format == "lines":
        if label is not None:
            raise OperatorError(
                f"{name} is read line by line, so it has no labels",
                at=("labels",),
                hint="write `format: csv`, `tsv` or `jsonl`",
            )
        for number, line in enumerate(file, 1):
            if line.strip():
                yield Record(line.strip(), None, number)
        return
    rows = _objects(file, name) if format == "jsonl" else _table(file, name, format)
    for number, row in rows:
        for column, at in ((text, "text"), (label, "labels")):
            if column is not None and row.get(column) is None:
                raise OperatorError(
                    f"{name}:{number} has no {column!r}",
                    at=(at,),
                    hint=f"it has: {', '.join(map(str, row)) or 'nothing'}",
                )
        if not isinstance(row[text], str):
            raise OperatorError(f"{name}:{number}: {text!r} is no text", at=("text",))
        yield Record(row[text], None if label is None else row[label], number)


def _table(file: Any, name: str, format: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.DictReader(file, delimiter="\t" if format == "tsv" else ",", strict=True)
    for row in reader:
        if None in row:
            raise OperatorError(f"{name}:{reader.line_num} has more fields than the first line")
        yield reader.line_num, row


def _objects(file: Any, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as problem:
            raise OperatorError(f"{name}:{number} is no JSON: {problem}", at=("file",)) from problem
        if not isinstance(row, dict):
            raise OperatorError(f"{name}:{number} is no JSON object", at=("file",))
        yield number, row
