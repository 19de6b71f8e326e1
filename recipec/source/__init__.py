"""YAML text → `Document`: plain values, with the place each one was written."""

from recipec.source.document import Document, DocumentError, Key, Path, SpanTree, Value
from recipec.source.reading import decode, read_bytes, read_document
from recipec.source.span import Span

__all__ = [
    "Document",
    "DocumentError",
    "Key",
    "Path",
    "Span",
    "SpanTree",
    "Value",
    "decode",
    "read_bytes",
    "read_document",
]
