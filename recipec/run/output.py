"""OUT: the folder a run leaves behind, built aside and swapped in whole.

OUT/run.json  plan.json  report.html  report.md  artifacts/STAGE.EXT
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from recipec.api import Artifact, Facts, Model
from recipec.diagnostics import UsageError, error
from recipec.run.record import OutputRecord

RECORD = "run.json"
CONTENT = frozenset({RECORD, "plan.json", "report.html", "report.md", "artifacts"})
"""Everything that recipec puts into OUT, and so may take away."""


def check_out(out: Path, store: Path) -> None:
    """Refuse a folder that holds something other than a run, or that can't be replaced.

    Raises UsageError.
    """

    def refuse(message: str) -> UsageError:
        return UsageError(error("out", message, hint="name another folder with -o"))

    parent = next(folder for folder in out.parents if folder.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise refuse(f"nothing can be written to {parent}")
    if store.is_relative_to(out) or out.is_relative_to(store):
        raise refuse(f"{out} and the store {store} would destroy each other")
    if Path.cwd().is_relative_to(out):
        raise refuse(f"{out} is the folder that recipec was started in")
    if not out.exists():
        return
    if not out.is_dir():
        raise refuse(f"{out} is a file")
    names = {entry.name for entry in out.iterdir()}
    if names and (RECORD not in names or names - CONTENT):
        foreign = ", ".join(sorted(names - CONTENT)[:3]) or "no run"
        raise refuse(f"{out} holds something other than a run ({foreign}); it would be replaced")


def check_parent(folder: Path) -> None:
    """Refuse a folder for variants that is a run itself. Raises UsageError."""
    if (folder / RECORD).exists():
        message = f"{folder} holds a run; variants would lie among its files"
        raise UsageError(error("out", message, hint="name another folder with -o, or move it"))


@contextmanager
def replacing(out: Path, store: Path) -> Iterator[Path]:
    """Give a folder beside `out` to fill; it takes the place of `out` when all went well.

    Raises UsageError when something else is there by now.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name[:40]}-"))
    fresh, old = aside / "new", aside / "old"
    try:
        fresh.mkdir()
        yield fresh
        check_out(out, store)  # again: a night may have passed
        if out.exists():
            out.rename(old)
        fresh.rename(out)
    finally:
        if old.exists() and not out.exists():
            old.rename(out)
        shutil.rmtree(aside, ignore_errors=True)


def place_outputs(
    folder: Path, promised: tuple[str, ...], made: Mapping[str, Mapping[str, Artifact[Facts]]]
) -> tuple[OutputRecord, ...]:
    """Copy the promised artifacts to `artifacts/STAGE.EXT`, with each file's digest and size.

    What a stage makes beside its model has the port's name too: `artifacts/STAGE.PORT.EXT`.
    """
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    records = []
    for stage in promised:
        outputs = made[stage]
        models = [port for port, artifact in outputs.items() if isinstance(artifact.facts, Model)]
        alone = [port for ports in (outputs, models) if len(ports) == 1 for port in ports]
        for port, artifact in outputs.items():
            name = stage if port in alone else f"{stage}.{port}"
            target = artifacts / f"{name}{artifact.facts.suffix}"
            if artifact.path.is_dir():
                shutil.copytree(artifact.path, target)
            else:
                shutil.copyfile(artifact.path, target)
            records.append(
                OutputRecord(
                    stage=stage,
                    kind=artifact.facts.kind,
                    path=target.relative_to(folder).as_posix(),
                    digest=artifact.digest,
                    bytes=artifact.size,
                )
            )
    return tuple(records)
