"""Parts that `recipec init` makes new recipes of. Plugins offer them: the core names no operator.

Text `{name}` in a part's parameters stands for what the person answered, `{name?}` for what they
may have left out (its key then goes, too). Always known are `{train}`, `{validation}` and `{test}`,
the names under `data:`; in a gate `{max_drop}`; and of the model `{model}`, `{weights?}` and
`{shape?}`, the shape of its input as a list with N for the batch. Anything else is a `Question`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Goal = Literal["smaller", "faster"]
Step = Literal["train", "shrink", "recover", "quantize", "convert"]
"""What a stage is for, in the order in which a recipe has them. One to `train` is there when the
model has no weights yet; one to `recover` trains again what one to `shrink` took away."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Question(NamedTuple):
    """What a part must know; it is asked for as `text`, or given as `--answer NAME=VALUE`."""

    name: str
    text: str


class Target(NamedTuple):
    """Where the result shall run: a name that stages go by, and one line about it."""

    name: str
    summary: str


class ModelPart(NamedTuple):
    """The `model:` of a recipe. `short_names` are models that a person can name in one word."""

    uses: str
    params: Mapping[str, Any]
    comment: str
    short_names: Mapping[str, str] = _NOTHING
    more: Mapping[str, Any] = _NOTHING


class DataPart(NamedTuple):
    """The `data:` of a recipe: parameters of each set, by its name.

    Names are `train`, `validation` and `test`; a set called otherwise serves where one of them is
    missing. Whether samples have labels decides about training and accuracy.
    """

    uses: str
    sets: Mapping[str, Mapping[str, Any]]
    comment: str
    labelled: bool
    questions: tuple[Question, ...] = ()


class StagePart(NamedTuple):
    """A stage. `targets` are those it prepares for; empty, any.

    `more` are parameters that are written commented out, for a person to find.
    """

    uses: str
    id: str
    step: Step
    comment: str
    params: Mapping[str, Any] = _NOTHING
    targets: tuple[str, ...] = ()
    more: Mapping[str, Any] = _NOTHING


class MetricPart(NamedTuple):
    """A metric family to measure, and perhaps a gate on one of its metrics.

    `gate` has the metric and a condition, and is written for its `goal` (None: for any). What it
    compares with is the unchanged model, converted in the same way.
    """

    family: str
    comment: str
    needs_labels: bool = False
    gate: Mapping[str, Any] = _NOTHING
    goal: Goal | None = None


RecipePart = Target | ModelPart | DataPart | StagePart | MetricPart
