"""The content-addressed store: what was made, under the digest of everything it was made from.

    STORE/v1/
      entries/KEY[:2]/KEY/   entry.json (facts, digests, metrics) beside the outputs
      inspections/KEY.json   results of heavy looks at models
      last/RECIPE/NODE.json  what went into a node's key when it last ran
      work/KEY/              checkpoints of a stage that isn't done; they survive a killed process
      staging/               entries being built

An entry is built in `staging/` and renamed into place, so it is there whole or not at all. Failures
are never stored. Every read checks the digests of the outputs; a damaged entry counts as missing.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from recipec.api import Artifact, Facts, Frozen, Metric
from recipec.api.digests import digest_json, digest_path
from recipec.registry import Catalog

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
    seconds: float
    peak_memory: int | None = None


class Store:
    """A folder of results; see the module's text for its layout."""

    def __init__(self, root: Path) -> None:
        self.root = root / FORMAT

    def _folder(self, key: str) -> Path:
        return self.root / "entries" / key[:2] / key

    def entry(self, key: str) -> Entry | None:
        """Give a whole, undamaged entry, None when there is none."""
        folder = self._folder(key)
        try:
            entry = Entry.model_validate_json((folder / "entry.json").read_bytes())
            whole = all(output.whole(folder) for output in entry.outputs.values())
        except FileNotFoundError:
            return None
        except (ValidationError, OSError):
            whole = False
        if not whole:
            self._set_aside(folder)
            return None
        return entry

    def _set_aside(self, folder: Path) -> None:
        """Move a damaged entry out of the way, where it can be looked at."""
        damaged = self.root / "damaged" / secrets.token_hex(8)
        damaged.mkdir(parents=True)
        folder.rename(damaged / folder.name)

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
        return None if entry is None else self.artifacts(key, entry, catalog)

    def stage(self) -> Path:
        """Make an empty folder for an entry that is being built."""
        staged = self.root / "staging" / f"{os.getpid()}-{secrets.token_hex(8)}"
        staged.mkdir(parents=True)
        return staged

    def commit(self, key: str, staged: Path, entry: Entry) -> None:
        """Put a built entry in its place; one that another process put there first is kept."""
        write_whole(staged / "entry.json", entry.model_dump_json(indent=1))
        target = self._folder(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            staged.rename(target)
        except OSError:
            if self.entry(key) is None:
                # A forced run makes an entry again that is there, or the damaged one left a rest.
                raise
            self._exchange(target, staged)
        shutil.rmtree(self.work(key), ignore_errors=True)

    def _exchange(self, target: Path, staged: Path) -> None:
        """Replace a present entry; a reader sees the old one, none, or the new one, all whole."""
        old = self.stage()
        target.rename(old / "old")
        staged.rename(target)
        shutil.rmtree(old)

    def discard(self, staged: Path) -> None:
        """Throw away what a failed stage has built."""
        shutil.rmtree(staged, ignore_errors=True)

    def work(self, key: str) -> Path:
        """Give the folder for a stage's checkpoints; it isn't made here."""
        return self.root / "work" / key

    def recall(self, key: str) -> Any | None:
        """Give a remembered inspection, None when there is none."""
        try:
            return json.loads((self.root / "inspections" / f"{key}.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return None

    def remember(self, key: str, value: Any) -> None:
        """Keep an inspection's result."""
        write_whole(self.root / "inspections" / f"{key}.json", json.dumps(value))

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

    def _last(self, recipe: str, node: str) -> Path:
        return self.root / "last" / digest_json(recipe)[:16] / f"{digest_json(node)[:16]}.json"


def default_store() -> Path:
    """Give the store's folder: `RECIPEC_STORE`, else the user's cache folder."""
    if named := os.environ.get("RECIPEC_STORE"):
        return Path(named)
    from platformdirs import user_cache_path  # only needed when nothing names the store

    return user_cache_path("recipec")


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f".{path.name[:40]}-{secrets.token_hex(8)}"
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
