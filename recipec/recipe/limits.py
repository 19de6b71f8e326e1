"""What a stage may take in a process of its own: time and memory, each more than nothing."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from recipec.api.frozen import Frozen
from recipec.api.known_units import DURATION, SIZE
from recipec.api.quantities import as_written, problem
from recipec.api.units import parse_bytes, parse_duration

_NOT_ZERO = r"^(?=[^a-zA-Zµμ]*[1-9])"


def _some(read: Callable[[object], float], example: str) -> Callable[[object], float]:
    def limit(value: object) -> float:
        if not (read_value := read(value)):
            raise problem(
                "unit_value", "a limit is more than 0", f"write '{example}', or leave it out"
            )
        return read_value

    return limit


TimeLimit = Annotated[
    str,
    *as_written(
        _some(parse_duration, "10min"),
        "duration",
        DURATION.pattern.replace("^", _NOT_ZERO, 1),
        "How long the stage may take.",
        "10min",
    ),
]
MemoryLimit = Annotated[
    str,
    *as_written(
        _some(parse_bytes, "4GiB"),
        "size",
        SIZE.pattern.replace("^", _NOT_ZERO, 1),
        "How much memory each of its processes may have.",
        "4GiB",
    ),
]


class Limits(Frozen):
    """Limits of a stage, which runs in a process of its own for it."""

    time: TimeLimit | None = Field(
        default=None, description="How long the stage may take; then it is ended."
    )
    memory: MemoryLimit | None = Field(
        default=None,
        description="How much memory each of its processes may have (not what it maps of files, or "
        "has on a GPU).",
    )
