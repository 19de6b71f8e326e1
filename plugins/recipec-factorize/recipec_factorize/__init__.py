"""Low-rank factorization: layers as products of two thin ones."""

from __future__ import annotations

from typing import Any

from recipec.api import Operator, hookimpl

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_factorize.svd import Svd

    return [Svd]
