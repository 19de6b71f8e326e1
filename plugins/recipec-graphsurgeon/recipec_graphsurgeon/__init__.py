"""Cut, rename, retype, fold, remove and replace in ONNX graphs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recipec.api import Operator, hookimpl

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_graphsurgeon.cut import Cut
    from recipec_graphsurgeon.dynamic import Dynamic
    from recipec_graphsurgeon.fold import Fold
    from recipec_graphsurgeon.remove import Remove
    from recipec_graphsurgeon.rename import Rename
    from recipec_graphsurgeon.replace import Replace
    from recipec_graphsurgeon.retype import Retype

    return [Cut, Dynamic, Fold, Remove, Rename, Replace, Retype]
