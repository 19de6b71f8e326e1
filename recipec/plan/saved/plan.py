"""A saved plan: a plan, the request that made it, and all that it stands on, as versioned JSON.

What counts as a breaking change of the format: a field removed or renamed, a type narrowed, a
meaning changed; then `FORMAT` rises. Nothing in the file is ever run: `recipec apply` compiles the
request again and compares.
"""

import hashlib
import os
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from recipec.api import Frozen
from recipec.plan.model import Plan
from recipec.plan.planning import Planning
from recipec.plan.saved.pins import Pins, pin
from recipec.plan.saved.versioned import FileKind, read_versioned
from recipec.plan.saved.written import WrittenPlan, written
from recipec.recipe import Recipe

FORMAT: Final = "recipec.saved-plan/v1"
SAVED_PLAN: Final = FileKind(
    "bad-plan",
    "a saved plan",
    FORMAT,
    "make one with `recipec compile RECIPE --plan-out FILE`",
)


class Request(Frozen):
    """What was asked for. `recipe` is relative to the folder of the plan's file."""

    recipe: str = Field(pattern=r"^[^\x00]+$")
    settings: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()
    variant: str | None = None
    force: tuple[str, ...] = ()
    until: str | None = None

    def command(self, recipe: Path, plan: Path) -> str:
        """Give the command that plans the same again."""
        import shlex  # only needed when something has changed

        words = ["recipec", "compile", str(recipe)]
        words += [word for preset in self.presets for word in ("--preset", preset)]
        words += [] if self.variant is None else ["--variant", self.variant]
        words += [word for setting in self.settings for word in ("--set", setting)]
        words += [word for stage in self.force for word in ("--force", stage)]
        words += [] if self.until is None else ["--until", self.until]
        return shlex.join([*words, "--plan-out", str(plan)])


class Source(Frozen):
    """A file that the recipe is composed of, by the name that the recipe has for it."""

    name: str
    digest: str
    text: str

    @model_validator(mode="after")
    def _is_of_its_digest(self) -> "Source":
        """A reviewer reads the text, and `apply` compares the digest."""
        if text_digest(self.text) != self.digest:
            raise PydanticCustomError("edited_source", "the text is not the one of the digest")
        return self


class SavedPlan(Frozen):
    """A reviewed plan.

    `environment` are the variables of the environment that look-ups asked for, with the sha256 of
    their values, None where there was none. `capabilities` are what the machine was asked about,
    with the answers.
    """

    format: Literal["recipec.saved-plan/v1"] = FORMAT
    request: Request
    sources: tuple[Source, ...] = Field(min_length=1)
    environment: dict[str, str | None]
    pins: Pins
    capabilities: dict[str, str | None]
    plan: WrittenPlan


def saved_plan(plan: Plan, planning: Planning, folder: Path) -> SavedPlan:
    """Make what is saved of a plan in a file of `folder`."""
    recipe = planning.recipe
    file = Path(recipe.document.file)
    return SavedPlan(
        request=Request(
            recipe=Path(os.path.relpath(_real(file), os.path.realpath(folder))).as_posix(),
            settings=recipe.settings,
            presets=recipe.presets,
            variant=recipe.variant,
            force=tuple(sorted(planning.force)),
            until=planning.until,
        ),
        sources=sources(recipe),
        environment=environment(recipe),
        pins=pin(plan.nodes, planning).pins,
        capabilities=capabilities(planning),
        plan=written(plan),
    )


def read_saved_plan(path: str | Path) -> SavedPlan:
    """Read a saved plan. Raises UsageError when the file isn't one, or is damaged."""
    return read_versioned(Path(path), SAVED_PLAN, SavedPlan)


def recipe_of(saved: SavedPlan, path: Path) -> Path:
    """Give the recipe's path, for a plan in the file `path`; a short one where that is possible."""
    found = os.path.normpath(Path(os.path.realpath(path.parent), saved.request.recipe))
    short = os.path.relpath(found)
    return Path(found if short.startswith(os.pardir) else short)


def sources(recipe: Recipe) -> tuple[Source, ...]:
    """Give the files that a recipe is composed of; the recipe's own is the last."""
    own = Path(recipe.document.file).name  # without the folder, which may move
    said = [*(file.said for file in recipe.files[:-1]), own]
    return tuple(
        Source(name=name, digest=text_digest(file.document.text), text=file.document.text)
        for name, file in zip(said, recipe.files, strict=True)
    )


def environment(recipe: Recipe) -> dict[str, str | None]:
    """Give the variables that look-ups asked for, with the digests of their values."""
    return {
        name: None if value is None else text_digest(value)
        for name, value in sorted(recipe.asked.items())
    }


def capabilities(planning: Planning) -> dict[str, str | None]:
    """Give what else than packages the machine was asked about, and the answers."""
    probed = planning.machine.probed.items()
    return {name: found for name, found in probed if not name.startswith("python:")}


def text_digest(text: str) -> str:
    """Give the sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _real(file: Path) -> Path:
    """Resolve the folder of a file, not the file: a link to a recipe stands where it stands."""
    return Path(os.path.realpath(file.parent), file.name)
