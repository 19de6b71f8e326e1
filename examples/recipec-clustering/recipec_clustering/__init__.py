"""Weight clustering: a few shared values for each layer, and files that store them as such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from recipec.api import Facts, Operator, hookimpl

if TYPE_CHECKING:
    from recipec.api import Lint, ReportSection
    from recipec.api.recipe_parts import RecipePart

RECIPEC_API: Final = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_clustering.finetune import Finetune
    from recipec_clustering.kmeans import KMeans
    from recipec_clustering.pack import Pack
    from recipec_clustering.unpack import Unpack

    return [Finetune, KMeans, Pack, Unpack]


@hookimpl
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    from recipec_clustering.kind import Codebooks

    return [Codebooks]


@hookimpl
def recipec_lints() -> Iterable[Lint]:
    from recipec_clustering.lints import UNDONE, UNPACKED

    return [UNDONE, UNPACKED]


@hookimpl
def recipec_recipe_parts() -> Iterable[RecipePart]:
    from recipec_clustering.recipe_parts import PARTS

    return PARTS


@hookimpl
def recipec_report_sections(record: Mapping[str, Any]) -> Iterable[ReportSection]:
    from recipec_clustering.section import sections

    return sections(record)
