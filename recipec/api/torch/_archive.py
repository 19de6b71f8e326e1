"""Refuse a `.pt2` archive that could run code when torch loads it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from recipec.api.errors import OperatorError

_MEMBER: Final = re.compile(
    r"archive/(archive_format|archive_version|byteorder|version|\.data/version"
    r"|\.data/serialization_id|models/model\.json|data/weights/model_weights_config\.json"
    r"|data/weights/weight_\d+|data/constants/model_constants_config\.json"
    r"|data/constants/tensor_\d+|data/sample_inputs/model\.pt)"
)
_TARGET: Final = re.compile(
    r"torch\.ops\.(aten|quantized_decomposed)\.\w+\.\w+|torch\.sym_\w+|_operator\.[a-z]+|math\.\w+"
)
_SYMBOL: Final = re.compile(r"[su]\d+")
_EXPRESSION: Final = re.compile(
    r"(?:'[su]\d+'|[su]\d+|\d+|[ +*/(),<>=-]"
    r"|(?:Symbol|Integer|Add|Mul|Pow|Mod|Max|Min|FloorDiv|CeilDiv|CleanDiv|PythonMod|IntTrueDiv"
    r"|Eq|Ne|Le|Lt|Ge|Gt|And|Or|Not|positive|nonnegative|integer|True|False)\b)*"
)
"""Sizes in terms of the batch, as torch writes them. They are evaluated as Python when loaded."""
_SIZE: Final = r"(?:L(?:\['\w+'\]|\[\d+\])+\.size\(\)\[\d+\]|\d+)"
_GUARD: Final = re.compile(f"{_SIZE} (?:==|!=|<=|>=|<|>) {_SIZE}")
"""Comparisons of input sizes (two inputs have one batch), which become Python code when run."""


def check_archive(path: Path) -> None:
    """Check that an archive holds raw tensors and a graph of plain tensor operations, nothing else.

    Raises OperatorError that says what else there is.
    """
    if found := next(_suspicious(path), None):
        raise OperatorError(f"{path.name} is not an exported program of recipec's: {found}")


def _suspicious(path: Path) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            for member in members:
                if not _MEMBER.fullmatch(member.filename):
                    yield f"it holds {member.filename!r}"
                if member.filename.endswith("sample_inputs/model.pt") and member.file_size:
                    yield "it holds sample inputs, which are pickled"
            for name in ("weights", "constants"):
                config = json.loads(archive.read(f"archive/data/{name}/model_{name}_config.json"))[
                    "config"
                ]
                if any(entry["use_pickle"] for entry in config.values()):
                    yield f"it holds pickled {name}"
            yield from _suspicious_graph(json.loads(archive.read("archive/models/model.json")))
    except (
        OSError,
        zipfile.BadZipFile,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as problem:
        yield f"{type(problem).__name__}: {problem}"


def _suspicious_graph(model: dict[str, Any]) -> Iterator[str]:
    for guard in model.get("guards_code", ()):
        if not _GUARD.fullmatch(guard):
            yield f"the guard {guard!r}"
    for symbol in model["range_constraints"]:
        if not _SYMBOL.fullmatch(symbol):
            yield f"the symbol {symbol!r}"
    for key, value in _walk(model):
        if key == "target" and isinstance(value, str) and not _TARGET.fullmatch(value):
            yield f"the operation {value!r}"
        if key == "expr_str" and not _EXPRESSION.fullmatch(value):
            yield f"the expression {value!r}"


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)
