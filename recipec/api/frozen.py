"""The one way recipec writes down immutable data that goes to JSON and comes back."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, no unknown fields, schema built at first use (start-up time is a feature)."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, defer_build=True, protected_namespaces=()
    )


class Memoizing(Frozen):
    """Immutable, and free to have a `cached_property`: a copy doesn't take it along.

    What was worked out of the old values need not hold for those that `model_copy` gives the copy.
    """

    def __copy__(self) -> Self:
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).__pydantic_fields__.keys():
            del copied.__dict__[name]
        return copied
