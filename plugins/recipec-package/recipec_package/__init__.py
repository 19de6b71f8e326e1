"""Packages: the final model in a folder with all that its users need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from recipec.api import Facts, Operator, hookimpl

RECIPEC_API = ">=1.0,<2"


@hookimpl
def recipec_operators() -> Iterable[type[Operator[Any]]]:
    from recipec_package.folder import PackageFolder

    return [PackageFolder]


@hookimpl
def recipec_artifact_kinds() -> Iterable[type[Facts]]:
    from recipec_package.package import Package

    return [Package]
