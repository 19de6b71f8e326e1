"""Models, tokenizers and data that others published, and how a recipe names them.

Three forms share one parameter (`Published`): `package:name/folder`, a path inside an installed
Python package; `hub:owner/name@revision`, a repository on the Hugging Face hub; anything else is a
file or folder beside the recipe. A package's identity is its distribution's version, a
repository's its revision, a file's its bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Annotated, Any

from pydantic import Field

from recipec.api.capabilities import Requirement
from recipec.api.errors import OperatorError
from recipec.api.operator import PlanContext, RunContext
from recipec.api.references import LocalFile, Reference


class PackageFile(Reference):
    """A file or folder in an installed Python package, which is found without importing it."""

    says = "package file"
    pattern = r"^package:[A-Za-z_]\w*(/[^/\s][^\s]*)?$"
    wanted = "a path in an installed package, such as package:name/folder"

    @property
    def module(self) -> str:
        """The package, as it is imported."""
        return self.removeprefix("package:").partition("/")[0]

    @property
    def requirement(self) -> Requirement | None:
        """The distribution that the package comes with; None for one of Python's own.

        Of a package that isn't installed, the name is guessed. Only its files are wanted, so it
        is installed without what its code would need.
        """
        if self.module in sys.stdlib_module_names:
            return None
        name = self._distribution()
        return Requirement(f"python:{name}", f"pip install --no-deps {name}")

    def _distribution(self) -> str:
        try:
            return str(distribution(self.module).metadata["Name"])
        except PackageNotFoundError:
            owners = packages_distributions().get(self.module)  # reads every distribution
            return owners[0] if owners else self.module.replace("_", "-")

    def path(self) -> Path:
        """Give the absolute path. Raises OperatorError when there is no such package or file."""
        try:
            spec = find_spec(self.module)
        except (ImportError, ValueError):  # `__main__`, or what a module made of itself
            spec = None
        if spec is None or not spec.submodule_search_locations:
            raise OperatorError(f"there is no installed package {self.module!r}")
        inner = self.partition("/")[2]
        folders = [Path(folder) for folder in spec.submodule_search_locations]
        for folder in folders:
            path = (folder / inner).resolve()
            if path.exists() and path.is_relative_to(folder.resolve()):
                return path
        message = f"the package {self.module} has no {inner!r}"
        raise OperatorError(message, hint=_beside(folders[0], inner))

    def check(self, at: tuple[str | int, ...]) -> None:
        """Raise OperatorError, at the parameter's place, for a misspelt name of a package.

        A package that isn't installed, and whose name isn't like that of one that is, may well be
        meant: that it is missing is no mistake in the recipe.
        """
        if self.module in sys.stdlib_module_names or self._installed():
            return
        names = {m.name for m in iter_modules() if m.ispkg} | set(packages_distributions())
        near = get_close_matches(self.module, sorted(names), n=1, cutoff=0.75)
        if near:
            install = self.requirement.install if self.requirement else ""
            raise OperatorError(
                f"there is no installed package {self.module!r}",
                at=at,
                hint=f"did you mean {near[0]!r}? If not, it has to be installed: {install}",
            )

    def _installed(self) -> bool:
        try:
            return find_spec(self.module) is not None
        except (ImportError, ValueError):  # `__main__`, or what a module made of itself
            return True


class HubName(Reference):
    """A repository on the Hugging Face hub, with the revision that is wanted."""

    says = "hub repository"
    pattern = r"^hub:[\w.-]+(/[\w.-]+)?(@[\w./-]+)?$"
    wanted = "a repository on the Hugging Face hub, such as hub:owner/name@revision"

    @property
    def repository(self) -> str:
        return self.removeprefix("hub:").partition("@")[0]

    @property
    def revision(self) -> str | None:
        """A commit, tag or branch; None for the newest."""
        return self.partition("@")[2] or None

    @property
    def pinned(self) -> bool:
        """Whether the revision is a commit, which never changes."""
        revision = self.revision or ""
        return len(revision) == 40 and all(sign in "0123456789abcdef" for sign in revision)


Published = Annotated[PackageFile | HubName | LocalFile, Field(union_mode="left_to_right")]
"""A parameter that names what others published, in one of the three forms."""


def place_of(published: Reference, context: PlanContext | RunContext) -> dict[str, Any]:
    """Say where it is, as JSON that `local_path` understands.

    `{"path": …}`, `{"package": reference}`, or `{"hub": name, "revision": …}`: where a package lies
    is looked up when it is read, so that a plan is the same wherever packages are installed.
    """
    if isinstance(published, HubName):
        return {"hub": published.repository, "revision": published.revision}
    if isinstance(published, PackageFile):
        return {"package": str(published)}
    return {"path": str(context.file(LocalFile(published)))}


def local_path(place: Mapping[str, Any]) -> Path | None:
    """Give the absolute path of a place; None for one on the hub.

    Raises OperatorError when a package or a file of it isn't there.
    """
    if "package" in place:
        return PackageFile(place["package"]).path()
    return Path(place["path"]) if "path" in place else None


def _beside(folder: Path, inner: str) -> str | None:
    """Give a hint for a path in a folder that has nothing there: what the last part that is there
    holds, and what the next may have been meant to be."""
    *_, here = _existing(folder, inner)
    wrong = inner.split("/")[len(here.relative_to(folder).parts)]
    names = sorted(one.name for one in here.iterdir() if one.name != "__pycache__")
    near = get_close_matches(wrong, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(names[:8])}" + (", …" if len(names) > 8 else "")


def _existing(folder: Path, inner: str) -> Iterator[Path]:
    yield folder
    for part in inner.split("/")[:-1]:
        folder = folder / part
        if part in ("..", "") or not folder.is_dir():
            return
        yield folder


def requirements_of(
    published: Reference, at: tuple[str | int, ...] = ()
) -> tuple[Requirement, ...]:
    """Give what must be installed for it to be there: a package's distribution.

    Raises OperatorError, at the place of the parameter, for a misspelt name of a package.
    """
    if isinstance(published, PackageFile):
        published.check(at)
    requirement = published.requirement if isinstance(published, PackageFile) else None
    return () if requirement is None else (requirement,)


def unpinned(published: Reference) -> tuple[str, ...]:
    """Give a warning for a repository whose content may change under the same name."""
    if not isinstance(published, HubName) or published.pinned:
        return ()
    return (
        f"{published}: what stands there may change, and results for what stood there before are "
        "reused; name a commit, as in hub:owner/name@0123…",
    )
