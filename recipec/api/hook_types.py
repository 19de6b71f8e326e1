"""What type checkers know of hooks: a hook that gives or takes something else is an error."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar, overload

from recipec.api.artifacts import Facts
from recipec.api.capabilities import Capability
from recipec.api.lints import Lint
from recipec.api.operator import Operator
from recipec.api.recipe_parts import RecipePart
from recipec.api.views import Finding, PlanView, ReportSection, StageOutcome, StageView

Hook = (
    Callable[[], Iterable[type[Operator[Any]]]]
    | Callable[[], Iterable[type[Facts]]]
    | Callable[[], Iterable[Capability]]
    | Callable[[], Iterable[Lint]]
    | Callable[[], Iterable[RecipePart]]
    | Callable[[PlanView], Iterable[Finding]]
    | Callable[[], Iterable[Finding]]
    | Callable[[Mapping[str, Any]], Iterable[ReportSection]]
    | Callable[[], Iterable[ReportSection]]
    | Callable[[], Iterable[str]]
    | Callable[[Mapping[str, Any]], None]
    | Callable[[StageView], None]
    | Callable[[StageView, StageOutcome], None]
    | Callable[[StageOutcome], None]
    | Callable[[], None]
)
"""Any hook of `recipec.api.hookspecs`, with all of its arguments or those that it wants. Which one
a function is, its name says: that recipec checks when it loads the plugin."""

_H = TypeVar("_H", bound=Hook)


class HookImpl(Protocol):
    """The decorator `hookimpl`; its options are those of pluggy."""

    @overload
    def __call__(self, function: _H) -> _H: ...

    @overload
    def __call__(
        self,
        *,
        hookwrapper: bool = False,
        optionalhook: bool = False,
        tryfirst: bool = False,
        trylast: bool = False,
        specname: str | None = None,
        wrapper: bool = False,
    ) -> Callable[[_H], _H]: ...
