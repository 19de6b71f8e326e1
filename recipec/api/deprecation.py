"""How a name of the API ends: it warns, for at least one minor version, and says when it is gone.

What is called or subclassed is marked with `typing_extensions.deprecated` (PEP 702), so that type
checkers and editors strike it out as well, and its message is what `Ending.message` gives:

    @deprecated("recipec.api.shrink is deprecated since API 1.1 and ends in 2.0: use resize")
    def shrink(...): ...

A module's other names (types, constants, what has moved) go through its `__getattr__`:

    _ENDING = {"OldName": Ending(since="1.1", ends="2.0", instead="NewName")}

    def __getattr__(name: str) -> Any:
        return ending_name(__name__, _ENDING, name)

A hook says it in its specification: `hookspec(warn_on_impl=Ending(…).warning("recipec_old"))`, and
a parameter of an operator in its field: `Field(deprecated=Ending(…).message("acme.shrink.old"))`.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple


class Ending(NamedTuple):
    """Since which version of the API a name is deprecated, in which it ends, and what to use.

    `instead` is a name of the same module, or `module:name` elsewhere.
    """

    since: str
    ends: str
    instead: str

    def message(self, name: str) -> str:
        """Give the one form of words, for the full name of what ends."""
        use = self.instead.replace(":", ".")
        return f"{name} is deprecated since API {self.since} and ends in {self.ends}: use {use}"

    def warning(self, name: str) -> DeprecationWarning:
        """Give the warning, for what takes one."""
        return DeprecationWarning(self.message(name))


def ending_name(module: str, endings: Mapping[str, Ending], name: str) -> Any:
    """Give what to use instead of a module's name that ends, and warn where it is asked for.

    To be called in the module's `__getattr__`. Raises AttributeError for any other name.
    """
    if name not in endings:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    ending = endings[name]
    warnings.warn(ending.warning(f"{module}.{name}"), stacklevel=3)
    where, _, instead = ending.instead.rpartition(":")
    return getattr(importlib.import_module(where or module), instead)
