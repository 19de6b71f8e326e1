"""OUT: the folder a run leaves behind, built aside and swapped in whole.

OUT/run.json  plan.json  report.html  report.md  artifacts/STAGE.EXT
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from recipec.api import Artifact, Facts
from recipec.diagnostics import UsageError, error
from recipec.run.record import OutputRecord

RECORD = "run.json"


def check_out(out: Path) -> None:
    """Refuse a folder that holds something other than a run. Raises UsageError."""
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError(error("out", f"{out} is a file", hint="name a folder with -o"))
    if any(out.iterdir()) and not (out / RECORD).is_file():
        raise UsageError(
            error(
                "out",
                f"{out} holds something other than a run of recipec; it would be replaced",
                hint="name another folder with -o",
            )
        )


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` to fill; it takes the place of `out` when all went well."""
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        fresh = aside / "new"
        fresh.mkdir()
        yield fresh
        if out.exists():
            out.rename(aside / "old")
        fresh.rename(out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def place_outputs(
    folder: Path, promised: tuple[str, ...], made: Mapping[str, Mapping[str, Artifact[Facts]]]
) -> tuple[OutputRecord, ...]:
    """Copy the promised artifacts to `artifacts/STAGE.EXT`, with each file's digest and size."""
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    records = []
    for stage in promised:
        outputs = made[stage]
        for port, artifact in outputs.items():
            name = stage if len(outputs) == 1 else f"{stage}.{port}"
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
