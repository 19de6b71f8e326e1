"""recipec: a declarative recipe compiler for model optimization.

The public names are those of `recipec.compiler`, `recipec.reviewing` and the exceptions; they are
loaded when they are first used, so that `import recipec` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from recipec.compiler import (
        Compilation,
        compile_recipe,
        compile_variants,
        load_recipe,
        load_variants,
        read_record,
        render_report,
        run_plan,
    )
    from recipec.diagnostics import (
        Diagnostic,
        ExitCode,
        RecipecError,
        RecipeError,
        StageError,
        UsageError,
    )
    from recipec.reviewing import (
        Reviewed,
        apply_plan,
        check_recipe_lock,
        compare_files,
        compile_locked,
        lock_recipe,
        read_saved_plan,
        save_plan,
    )

_HOMES = {
    "recipec.compiler": (
        "Compilation",
        "compile_recipe",
        "compile_variants",
        "load_recipe",
        "load_variants",
        "read_record",
        "render_report",
        "run_plan",
    ),
    "recipec.diagnostics": (
        "Diagnostic",
        "ExitCode",
        "RecipeError",
        "RecipecError",
        "StageError",
        "UsageError",
    ),
    "recipec.reviewing": (
        "Reviewed",
        "apply_plan",
        "check_recipe_lock",
        "compare_files",
        "compile_locked",
        "lock_recipe",
        "read_saved_plan",
        "save_plan",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Compilation",
    "Diagnostic",
    "ExitCode",
    "RecipeError",
    "RecipecError",
    "Reviewed",
    "StageError",
    "UsageError",
    "__version__",
    "apply_plan",
    "check_recipe_lock",
    "compare_files",
    "compile_locked",
    "compile_recipe",
    "compile_variants",
    "load_recipe",
    "load_variants",
    "lock_recipe",
    "read_record",
    "read_saved_plan",
    "render_report",
    "run_plan",
    "save_plan",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        return getattr(importlib.import_module(_HOME_OF[name]), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("recipec")
    raise AttributeError(f"module 'recipec' has no attribute {name!r}")
