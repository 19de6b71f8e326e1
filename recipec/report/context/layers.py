"""The layers, before and after."""

from __future__ import annotations

from dataclasses import dataclass

from recipec.report.context.words import Text


@dataclass(frozen=True, slots=True)
class Shift:
    """A value before and after."""

    before: str
    """The value before, — where there was none."""
    after: str | None
    """The value after, None where it is the same."""
    order: float | None = None
    """What to sort by."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer before and after."""

    name: Text
    """The layer's name in the model."""
    fate: str
    """`changed`, `same`, `folded into …`, `gone` or `new`."""
    type: Shift
    """The layer's type."""
    shape: Shift
    """The weight's shape."""
    dtype: Shift
    """The weight's dtype."""
    parameters: Shift
    """Trained parameters."""
    macs: Shift
    """Multiply-adds of one sample."""
    bytes: Shift
    """Bytes of all its tensors."""
    sparsity: Shift
    """Zeros among its parameters."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of the baseline against those of an output."""

    before: Text
    """The stage before."""
    after: Text
    """The stage after."""
    rows: tuple[LayerRow, ...]
    """The layers, in the order of the model before."""
    total: LayerRow | None
    """All layers together."""
    note: str
    """How many rows, and what isn't shown."""
