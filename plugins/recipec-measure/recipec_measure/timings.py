"""The artifact kind for raw timings: statistics can be made again from what was measured."""

from pathlib import Path

from recipec.api import UNKNOWN, Facts, Frozen, OperatorError, Unknown


class Timings(Facts):
    """Every single run that was timed: a JSON file that `read_timings` reads."""

    kind = "measure.timings"
    suffix = ".json"
    rounds: int | Unknown = UNKNOWN
    batches: tuple[int, ...] | Unknown = UNKNOWN


class BatchTimings(Frozen):
    """The rounds at one batch size.

    `order` tells for each round in which order the stages ran. `nanoseconds[stage][i]` is how long
    that stage took in round i.
    """

    batch: int
    order: tuple[tuple[str, ...], ...]
    nanoseconds: dict[str, tuple[int, ...]]


class RawTimings(Frozen):
    """The content of a `measure.timings` file."""

    seed: int
    threads: int
    warmup: int
    rewarm: int
    batches: tuple[BatchTimings, ...]

    def facts(self) -> Timings:
        rounds = len(self.batches[0].order) if self.batches else 0
        return Timings(rounds=rounds, batches=tuple(one.batch for one in self.batches))


def write_timings(path: Path, timings: RawTimings) -> None:
    path.write_text(timings.model_dump_json() + "\n", encoding="utf-8")


def read_timings(path: Path) -> RawTimings:
    """Read a `measure.timings` file. Raises OperatorError when it isn't one."""
    try:
        return RawTimings.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise OperatorError(f"not a file of timings: {problem}") from problem
