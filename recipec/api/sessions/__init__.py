"""Models that are loaded and can be run, whatever runs them.

What needs NumPy is imported when it is first asked for; runtimes when a model is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recipec.api.sessions._session import Array, Session, input_specs, open_session

__all__ = ["Array", "Session", "input_specs", "open_session"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from recipec.api.sessions import _session

    return getattr(_session, name)
