"""The layers of an engine, as a file beside it."""

from typing import Literal

from recipec.api import UNKNOWN, Facts, Unknown


class EngineLayers(Facts):
    """The layers that an engine was built from: a JSON file, one entry a layer.

    `source` says who tells: the engine's own inspector, which needs a GPU that the engine is for,
    or the network that it was built from. `arithmetic` counts the layers that multiply matrices
    (convolutions, matrix products) by the type they do it in: `int8` where what they multiply comes
    from Q/DQ pairs. `in_float` names those that compute in float though others don't.
    """

    kind = "tensorrt.layers"
    suffix = ".json"
    count: int | Unknown = UNKNOWN
    source: Literal["engine", "network"] | Unknown = UNKNOWN
    arithmetic: dict[str, int] | Unknown = UNKNOWN
    in_float: tuple[str, ...] | Unknown = UNKNOWN
