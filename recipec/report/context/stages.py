"""The nodes of the plan one by one."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.planned import Compared
from recipec.report.context.words import Badge, Pair, Text


@dataclass(frozen=True, slots=True)
class Made:
    """An artifact of a stage."""

    port: Text
    """The output port."""
    size: str
    """Bytes on disk."""
    digest: str
    """The sha256 of its content, "" where there is none."""
    facts: tuple[Compared, ...]
    """What is known of it beside its layers, as planned and as made."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A node of the plan: a stage of the recipe, or a measurement."""

    id: Text
    """Its id."""
    anchor: str
    """The id of its element."""
    operator: Text
    """`operator@version`."""
    plugin: Text
    """The plugin that offers the operator."""
    badge: Badge
    """Its status."""
    reason: Text
    """Why it ran, was reused, or didn't run."""
    seconds: str
    """How long it took."""
    memory: str
    """Its peak memory, — where it wasn't measured."""
    key: str
    """The key in the store, "" where it has none."""
    inputs: tuple[Pair, ...]
    """Ports, and the nodes connected to them."""
    params: tuple[Pair, ...]
    """Its parameters, all defaults included."""
    made: tuple[Made, ...]
    """What it made."""
    effects: tuple[Text, ...]
    """What it does, from the plan."""
    changed: tuple[Text, ...]
    """What it changed, counted."""
    notes: tuple[Text, ...]
    """Remarks from the run."""
    error: Text | None
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Data:
    """One entry of the recipe's `data:`."""

    name: Text
    """Its name."""
    operator: Text
    """Where it comes from."""
    count: str
    """How many samples."""
    inputs: Text
    """Names, shapes and dtypes of one batch."""
    classes: str
    """How many classes, — without class labels."""
    params: tuple[Pair, ...]
    """Its parameters."""
    digest: str
    """The digest of the samples."""
