"""The plugins that a recipe states it needs: `plugins: {acme: ">=1.2,<2"}`."""

from typing import Annotated, Any, Final

from pydantic import Field

from recipec.api.frozen import Frozen
from recipec.recipe.identifiers import matching

_VERSION: Final = r"[0-9]+(\.[0-9]+)*((a|b|rc|\.post|\.dev)[0-9]+)*"
_BOUND: Final = rf" *(>=|<=|==|!=|>|<) *{_VERSION} *"


def _readable(bounds: str) -> bool:
    from recipec.recipe.version_bounds import check_bounds  # most recipes state no plugin

    try:
        check_bounds(bounds)
    except ValueError:
        return False
    return True


VersionBounds = Annotated[
    str,
    *matching(
        rf"{_BOUND}(,{_BOUND})*", '">=1.2,<2"', "a list of version bounds (>=, <, ==, …)", _readable
    ),
]
PackageName = Annotated[
    str,
    *matching(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", "recipec-acme", "a package's name"),
]


class PluginNeed(Frozen):
    """A plugin that a recipe needs, and what it is installed from."""

    version: VersionBounds | None = Field(
        default=None, description="Versions that will do; left out: any.", examples=[">=1.2,<2"]
    )
    package: PackageName | None = Field(
        default=None,
        description="The package that brings it; left out: `recipec-` and the plugin's name.",
        examples=["my-acme"],
    )


NeededPlugin = VersionBounds | PluginNeed


def as_need(stated: Any) -> PluginNeed:
    """Give the long form of what a recipe states of a plugin."""
    return stated if isinstance(stated, PluginNeed) else PluginNeed(version=stated)
