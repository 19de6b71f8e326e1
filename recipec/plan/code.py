"""The identity of Python code that a recipe names, found without importing it."""

from __future__ import annotations

import json
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from platform import python_version as version

from recipec.api.digests import digest_json, digest_path
from recipec.registry import Catalog, name_and_version


def installed_identity(module: str, catalog: Catalog) -> str:
    """Give the distribution and version of an installed module.

    Of an editable install the version says nothing, so the digest of the package's files is added.
    `find_spec` of a dotted name would import its parent: only the top name is looked up.
    """
    top = module.partition(".")[0]
    owners = _owners(top, catalog)
    named = ", ".join(" ".join(name_and_version(owner)) for owner in owners) or f"module {top}"
    if owners and not any(_editable(owner) for owner in owners):
        return named
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):  # `__main__`, or what a module made of itself
        return named
    if spec is None:
        return named
    if spec.submodule_search_locations:
        folder = Path(next(iter(spec.submodule_search_locations)))
        files = sorted(folder.rglob("*.py"))
        digest = digest_json([[f.relative_to(folder).as_posix(), digest_path(f)] for f in files])
    else:
        # Python's own `sys` and `os` are in no file that could be read: they are the interpreter's.
        digest = digest_path(Path(spec.origin)) if spec.has_location and spec.origin else version()
    return f"{named} {digest}"


def _owners(top: str, catalog: Catalog) -> list[Distribution]:
    plugins = [p.distribution for p in catalog.plugins if p.module.partition(".")[0] == top]
    for name in (*plugins, top):
        try:
            return [distribution(name)]
        except PackageNotFoundError:
            continue
    from importlib.metadata import packages_distributions  # reads every distribution: the last way

    return [distribution(name) for name in sorted(set(packages_distributions().get(top, [])))]


def _editable(owner: Distribution) -> bool:
    origin = owner.read_text("direct_url.json")
    return bool(origin and json.loads(origin).get("dir_info", {}).get("editable"))
