"""What hooks may answer: an item of another type is the plugin's mistake, and is told as that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final


def problem_with(hook: str, item: Any) -> str | None:
    """Say what is wrong with an item of a hook's answer, None when nothing is."""
    check = _CHECKS.get(hook)
    return None if check is None else check(item)


def _finding(item: Any) -> str | None:
    from recipec.api import Finding

    if not isinstance(item, Finding):
        return _other(item, "Finding")
    texts = {"stage": item.stage, "hint": item.hint}
    wrong = [name for name, value in texts.items() if not isinstance(value, str | None)]
    if not isinstance(item.message, str):
        wrong.append("message")
    if item.at is not None and not (
        isinstance(item.at, tuple) and all(isinstance(step, str | int) for step in item.at)
    ):
        wrong.append("at")
    return _fields("Finding", item, wrong)


def _section(item: Any) -> str | None:
    from recipec.api import ReportSection

    if not isinstance(item, ReportSection):
        return _other(item, "ReportSection")
    wrong = [name for name in ("title", "template") if not isinstance(getattr(item, name), str)]
    if not isinstance(item.values, Mapping) or not all(isinstance(key, str) for key in item.values):
        wrong.append("values")
    return _fields("ReportSection", item, wrong)


def _part(item: Any) -> str | None:
    from recipec.api.recipe_parts import RecipePart

    return None if isinstance(item, RecipePart) else _other(item, "recipe part")


def _other(item: Any, wanted: str) -> str:
    return f"returned {_short(item)}, which is no {wanted}"


def _fields(kind: str, item: Any, wrong: list[str]) -> str | None:
    if not wrong:
        return None
    field = wrong[0]
    return f"returned a {kind} whose {field} is {_short(getattr(item, field))}"


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:  # a plugin's own type may have a `__repr__` that fails
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:79]}…"


def _folder(item: Any) -> str | None:
    if not isinstance(item, str):
        return _other(item, "str")
    package, separator, folder = item.partition(":")
    if not (package and separator and folder):
        return f"{item!r} isn't PACKAGE:FOLDER"
    return None


_CHECKS: Final[Mapping[str, Callable[[Any], str | None]]] = {
    "recipec_check_plan": _finding,
    "recipec_report_sections": _section,
    "recipec_report_templates": _folder,
    "recipec_recipe_parts": _part,
}
