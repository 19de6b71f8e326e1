"""What nodes took on this machine: what estimates are learnt from.

    STORE/v1/history/MACHINE/OPERATOR.json   {"format", "operator", "machine", "runs": [PastRun …]}
    STORE/v1/history/MACHINE/lock            held by the one process that is writing

MACHINE and OPERATOR are digests of the machine's fingerprint and the operator's id, which the
file names in full. It holds an operator's latest runs, `KEPT`
at most, and is replaced whole: who reads it without a lock sees it as it was before or as it is
after. Who writes holds the lock from reading to replacing, so that of two processes neither loses
what the other adds. A file that isn't one of these counts as none, and is replaced.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from recipec.api import Frozen
from recipec.api.digests import digest_json
from recipec.plan.costs.past import PastRun
from recipec.run.whole import write_whole

FORMAT: Final = "recipec.history/v1"
KEPT: Final = 128
"""Runs of one operator on one machine that are kept: the latest."""

Fingerprint = Mapping[str, str | int]


class _File(Frozen):
    format: Literal["recipec.history/v1"] = FORMAT
    operator: str
    machine: dict[str, str | int]
    runs: tuple[PastRun, ...]


def read_history(root: Path, machine: Fingerprint, operator: str) -> tuple[PastRun, ...]:
    """Give an operator's latest runs on a machine, in their order; none where none are kept.

    Raises OSError when there is a file that can't be read.
    """
    try:
        return _File.model_validate_json(_path(root, machine, operator).read_bytes()).runs
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return ()


def append_history(root: Path, machine: Fingerprint, operator: str, run: PastRun) -> None:
    """Add a run, and forget the oldest beyond `KEPT`. Raises OSError."""
    path = _path(root, machine, operator)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path.parent / "lock"):
        runs = (*read_history(root, machine, operator), run)[-KEPT:]
        kept = _File(operator=operator, machine=dict(machine), runs=runs)
        write_whole(path, kept.model_dump_json(), durable=False)  # an empty one counts as none


def _path(root: Path, machine: Fingerprint, operator: str) -> Path:
    return root / "history" / digest_json(dict(machine))[:16] / f"{digest_json(operator)[:16]}.json"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process is in here; one that dies gives its place up."""
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
