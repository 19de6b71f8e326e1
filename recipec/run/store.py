"""The content-addressed store: what was made, under the digest of everything it was made from.

    STORE/v1/
      entries/KEY[:2]/KEY/   entry.json (facts, digests, metrics) beside the outputs
      inspections/KEY.json   results of heavy looks at models
      scratch/               what libraries leave behind when models are looked at
      last/RECIPE/NODE.json  what went into a node's key when it last ran
      history/               what operators took on each machine (`recipec.run.history`)
      work/KEY/              checkpoints of a stage that isn't done; they survive a killed process
      logs/KEY.log           what a stage wrote that ran in a process of its own
      staging/PID-…/         entries being built, and data references of a run
      damaged/               entries whose bytes were not what they had been

An entry is built in `staging/` and renamed into place, so it is there whole or not at all. Failures
are never stored. Every read checks the digests of the outputs; a damaged entry counts as missing,
and is set aside when it is made again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field, ValidationError

from recipec.api import Artifact, Facts, Frozen, Metric
from recipec.api.digests import digest_json, digest_path
from recipec.registry import Catalog
from recipec.run.whole import write_whole

if TYPE_CHECKING:
    from recipec.plan.costs.past import PastRun
    from recipec.run.history import Fingerprint

FORMAT: Final = "v1"


class StoredOutput(Frozen):
    """One output of an entry: its file or folder in the entry, its digest, and its facts.

    `unstable` is that of the kind: bytes that the digest leaves out.
    """

    file: str
    digest: str
    facts: dict[str, Any]
    unstable: str | None = None

    def whole(self, folder: Path) -> bool:
        """Say whether the file is what it was. Raises OSError."""
        unstable = None if self.unstable is None else self.unstable.encode()
        return digest_path(folder / self.file, unstable) == self.digest


class Entry(Frozen):
    """What `entry.json` holds. `seconds` and `peak_memory` are those of the run that made it."""

    format: Literal["recipec.entry/v1"] = "recipec.entry/v1"
    operator: str
    version: int
    outputs: dict[str, StoredOutput]
    metrics: tuple[Metric, ...] = ()
    notes: tuple[str, ...] = ()
    changed: dict[str, int] = Field(default_factory=dict)
    seconds: float
    peak_memory: int | None = None


class Store:
    """A folder of results; see the module's text for its layout."""

    def __init__(self, root: Path) -> None:
        self.root = root / FORMAT

    def _folder(self, key: str) -> Path:
        return self.root / "entries" / key[:2] / key

    def entry(self, key: str) -> Entry | None:
        """Give a whole, undamaged entry, None when there is none. Raises OSError."""
        folder = self._folder(key)
        try:
            entry = Entry.model_validate_json((folder / "entry.json").read_bytes())
            whole = all(output.whole(folder) for output in entry.outputs.values())
        except (FileNotFoundError, NotADirectoryError, ValidationError):
            return None
        return entry if whole else None

    def artifacts(self, key: str, entry: Entry, catalog: Catalog) -> dict[str, Artifact[Facts]]:
        """Give an entry's outputs as artifacts."""
        folder = self._folder(key)
        return {
            port: Artifact(catalog.facts(output.facts), folder / output.file, output.digest)
            for port, output in entry.outputs.items()
        }

    def outputs(self, key: str, catalog: Catalog) -> dict[str, Artifact[Facts]] | None:
        """Give what is stored under a key, None when nothing (whole) is."""
        entry = self.entry(key)
        try:
            return None if entry is None else self.artifacts(key, entry, catalog)
        except (KeyError, ValidationError):  # facts of another version: made again
            return None

    def stage(self) -> Path:
        """Make an empty folder for an entry that is being built; forget those of dead processes."""
        for left in (self.root / "staging").glob("*-*"):
            if not _alive(left.name.partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)
        staged = self.root / "staging" / f"{os.getpid()}-{os.urandom(8).hex()}"
        staged.mkdir(parents=True)
        return staged

    def commit(self, key: str, staged: Path, entry: Entry, *, replace: bool = False) -> Entry:
        """Put a built entry in its place, and give the one that is there then.

        A whole one that another process put there first is kept, unless it is to be replaced (a
        forced stage); a damaged one is set aside, where it can be looked at.
        """
        write_whole(staged / "entry.json", entry.model_dump_json(indent=1))
        target = self._folder(key)
        present = self.entry(key)
        if present is not None and not replace:
            return present
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            aside = self.root / ("replaced" if present else "damaged") / os.urandom(8).hex()
            aside.mkdir(parents=True)
            target.rename(aside / key)
            if present is not None:
                shutil.rmtree(aside)
        staged.rename(target)
        shutil.rmtree(self.work(key), ignore_errors=True)
        return entry

    def discard(self, staged: Path) -> None:
        """Throw away what a failed stage has built."""
        shutil.rmtree(staged, ignore_errors=True)

    def work(self, key: str) -> Path:
        """Give the folder for a stage's checkpoints; it isn't made here."""
        return self.root / "work" / key

    def log(self, key: str) -> Path:
        """Give the file for what a stage writes in a process of its own; it isn't made here."""
        return self.root / "logs" / f"{key}.log"

    def recall(self, key: str) -> Any | None:
        """Give a remembered inspection, None when there is none."""
        try:
            return json.loads((self.root / "inspections" / f"{key}.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def remember(self, key: str, value: Any) -> None:
        """Keep an inspection's result."""
        write_whole(self.root / "inspections" / f"{key}.json", json.dumps(value))

    def scratch(self) -> Path:
        """Give a folder for what libraries leave behind when a model is looked at."""
        folder = self.root / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def last_ingredients(self, recipe: str, node: str) -> Mapping[str, Any] | None:
        """Give what went into the node's key when it last ran, None when it never did."""
        try:
            found: dict[str, Any] = json.loads(self._last(recipe, node).read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return found

    def remember_ingredients(self, recipe: str, node: str, ingredients: Mapping[str, Any]) -> None:
        """Keep what went into the node's key, for the next plan's reason."""
        write_whole(self._last(recipe, node), json.dumps(ingredients))

    def past_runs(self, machine: Fingerprint, operator: str) -> tuple[PastRun, ...]:
        """Give what the operator's latest runs on this machine (its fingerprint) took."""
        if not (self.root / "history").is_dir():  # then its reader needn't be imported
            return ()
        from recipec.run.history import read_history

        return read_history(self.root, machine, operator)

    def remember_run(self, machine: Fingerprint, operator: str, run: PastRun) -> None:
        """Keep what a node took, for the estimates of later plans. Raises OSError."""
        from recipec.run.history import append_history

        append_history(self.root, machine, operator, run)

    def _last(self, recipe: str, node: str) -> Path:
        return self.root / "last" / digest_json(recipe)[:16] / f"{digest_json(node)[:16]}.json"


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # another user's
        return True
    return True


def default_store() -> Path:
    """Give the store's folder: `RECIPEC_STORE`, else the user's cache folder."""
    if named := os.environ.get("RECIPEC_STORE"):
        return Path(named)
    from platformdirs import user_cache_path  # only needed when nothing names the store

    return user_cache_path("recipec")
