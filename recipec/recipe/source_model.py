"""Keys of a recipe file that composition uses up: `extends`, typed `vars`, `presets`, `matrix`, and
what an overlay may say about a stage. None of them is left in a `RecipeSpec`.

The models say how a file is written, for editors (`recipec.schema` merges them into the recipe's
schema) and for checking what nothing else would look at, such as a preset that isn't chosen. Where
a value may be a `${…}` look-up they leave it open: it is checked when it is known.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool

from recipec.api.frozen import Frozen
from recipec.recipe.variable_model import Variable


class UseOverlay(Frozen):
    """The model or an entry of `data:` as an overlay states it: what it says is merged over what is
    there."""

    uses: str | None = Field(default=None, description="The operator; to change it, `replace`.")
    with_: Any = Field(
        default=None, alias="with", description="Parameters that are added or changed."
    )
    replace: StrictBool = Field(
        default=False, description="Forget what is there, and take this in its place."
    )


class DataOverlay(UseOverlay):
    """An entry of `data:` in an overlay."""

    remove: StrictBool = Field(default=False, description="Take the entry out.")


class StageOverlay(DataOverlay):
    """An entry of `stages:` in an overlay: one with a known `id` changes that stage, any other is a
    new stage at the end, or where `after` or `before` says."""

    id: str = Field(description="The stage that is meant, or the name of a new one.")
    needs: Any = Field(default=None, description="As in any stage.")
    allow_unchanged: Any = Field(default=None, description="As in any stage.")
    isolation: Any = Field(default=None, description="As in any stage.")
    limits: Any = Field(default=None, description="As in any stage.")
    remove: StrictBool = Field(default=False, description="Take the stage out.")
    after: str | None = Field(
        default=None, description="The stage behind which this one goes.", examples=["prune"]
    )
    before: str | None = Field(
        default=None, description="The stage in front of which this one goes.", examples=["int8"]
    )


class Preset(Frozen):
    """What a preset changes: any keys of a recipe, merged as a file that extends it would be."""

    name: Any = None
    description: Any = None
    vars: dict[str, Any] | None = None
    seed: Any = None
    threads: Any = None
    plugins: Any = None
    model: UseOverlay | None = None
    data: dict[str, DataOverlay | None] | None = None
    measure: Any = None
    baseline: Any = None
    stages: list[StageOverlay] | None = None
    outputs: Any = None
    gates: Any = None
    silence: Any = None
    matrix: Any = None


class Matrix(Frozen):
    """Axes (any name that `--set` takes, each with a list of values) and what to leave out."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Annotated[list[Any], Field(min_length=1)]]

    exclude: list[Annotated[dict[str, Any], Field(min_length=1)]] | None = Field(
        default=None,
        description="Variants to leave out: each entry names values of some axes.",
        examples=[[{"amount": 0.3, "stages.prune.with.importance": "l1"}]],
    )
    include: list[Annotated[dict[str, Any], Field(min_length=1)]] | None = Field(
        default=None,
        description="Further variants: each entry is one, and names what it sets.",
        examples=[[{"amount": 0.9}]],
    )


class RecipeSource(Frozen):
    """The keys of a recipe file that aren't in a `RecipeSpec`; `vars` may have the long form."""

    model_config = ConfigDict(extra="allow")

    extends: str | Annotated[list[str], Field(min_length=1)] | None = Field(
        default=None,
        description="Recipes that this one changes: a file beside it, or `package:file` of an "
        "installed package. Of several the later wins; this file wins over all.",
        examples=["base.yaml", "recipec_torch:recipes/base.yaml", ["model.yaml", "int8.yaml"]],
    )
    vars: dict[str, Variable | Any] | None = Field(
        default=None,
        description="Values used as `${vars.NAME}`: a value, or `{type, default, description, "
        "choices, min, max}`.",
        examples=[{"amount": {"type": "number", "default": 0.5, "min": 0.1, "max": 0.9}}],
    )
    presets: dict[str, Preset] | None = Field(
        default=None,
        description="Named changes to the recipe, chosen with `--preset NAME`.",
        examples=[{"quick": {"vars": {"epochs": 1}, "stages": [{"id": "engine", "remove": True}]}}],
    )
    matrix: Matrix | None = Field(
        default=None,
        description="Values to go through: every combination of the axes is a recipe of its own. "
        "An axis is any name that `--set` takes.",
        examples=[{"amount": [0.3, 0.5], "stages.prune.with.importance": ["l1", "l2"]}],
    )
