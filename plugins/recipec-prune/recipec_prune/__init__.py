"""Pruning: channels that really leave."""

from __future__ import annotations

from typing import Any

from recipec.api import Operator, hookimpl


@hookimpl
def recipec_operators() -> list[type[Operator[Any]]]:
    from recipec_prune.channels import Channels

    return [Channels]
