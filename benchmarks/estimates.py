"""How good the plan's estimates are: expected against taken, from the first run on a machine on.

    python benchmarks/estimates.py [--keep FOLDER]

The seven steps run again and again in one store that is empty at first, each time with something
changed, each in a process of its own. The plan of each run is made of what was learnt from those
before it. What was expected of each node that ran is compared with what it took; a range should
hold nine of ten.

Prints, for each run and for each basis, how many ranges held, and how wide they are (the median of
high / low); and which stages missed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
RECIPE = ROOT / "recipes" / "seven-steps.yaml"
RECIPEC = str(Path(sys.executable).with_name("recipec"))
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

RUNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("nothing is known", ()),
    ("another seed", ("seed=1",)),
    ("another seed again", ("seed=2",)),
    ("fewer channels leave", ("amount=0.25",)),
    ("half of the epochs", ("stages.trained.with.epochs=6", "stages.retrain.with.epochs=6")),
    ("a smaller model", ("model.with.args.depth=8",)),
    ("a larger model", ("model.with.args.depth=20",)),
    ("fewer calibration samples", ("stages.int8.with.calibration.samples=64",)),
    ("another seed once more", ("seed=3",)),
)


class Compared(NamedTuple):
    """One quantity of one node: what was expected, on which basis, and what was taken."""

    run: str
    node: str
    quantity: str
    basis: str
    low: float
    likely: float
    high: float
    taken: float

    @property
    def held(self) -> bool:
        return self.low <= self.taken <= self.high


def compared(name: str, record: dict[str, Any]) -> Iterator[Compared]:
    """Give what can be compared in a run's record: of nodes that ran."""
    for node in (*record["stages"], *record["measurements"]):
        if node["status"] != "ran":
            continue
        taken = {
            "seconds": node["seconds"],
            "peak_memory": node["peak_memory"],
            "disk": sum(node["sizes"].values()),
        }
        for quantity, value in taken.items():
            expected = node["estimate"][quantity]
            if value is not None and expected != "unknown":
                bounds = (expected[bound] for bound in ("low", "likely", "high"))
                yield Compared(name, node["id"], quantity, expected["basis"], *bounds, value)


def run(name: str, settings: tuple[str, ...], folder: Path) -> dict[str, Any]:
    """Run the recipe with some settings; give the record. Raises CalledProcessError."""
    command = [RECIPEC, "compile", str(RECIPE), "-q", "--store", str(folder / "store")]
    for setting in settings:
        command += ["--set", setting]
    out = folder / name.replace(" ", "-")
    subprocess.run([*command, "-o", str(out)], check=True, cwd=ROOT, env=ENVIRONMENT)
    record: dict[str, Any] = json.loads((out / "run.json").read_text())
    return record


def table(title: str, groups: dict[str, list[Compared]]) -> None:
    """Print how many ranges of each group held, and how wide they are."""
    print(f"\n{title:<28} {'held':>9} {'share':>6} {'high/low':>9} {'off by':>7}")
    for name, found in groups.items():
        held = sum(one.held for one in found)
        wide = [one.high / one.low for one in found if one.low > 0]
        off = [max(one.taken, 1e-9) / max(one.likely, 1e-9) for one in found if one.likely]
        factor = median(max(ratio, 1 / ratio) for ratio in off) if off else 1.0
        width = f"{median(wide):.1f}×" if wide else ""
        print(
            f"{name:<28} {f'{held}/{len(found)}':>9} {held / len(found):>6.0%} {width:>9} "
            f"{factor:>6.2f}×"
        )


def grouped(found: list[Compared], *fields: str) -> dict[str, list[Compared]]:
    groups: dict[str, list[Compared]] = {}
    for one in found:
        groups.setdefault(", ".join(getattr(one, field) for field in fields), []).append(one)
    return groups


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keep", type=Path, help="A folder for the store and the runs.")
    kept = parser.parse_args().keep
    found: list[Compared] = []
    with nullcontext(str(kept)) if kept else tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.mkdir(exist_ok=True)
        for name, settings in RUNS:
            record = run(name, settings, folder)
            found += compared(name, record)
            whole = record["estimate"]["seconds"]
            print(
                f"{name}: {record['seconds']:.1f} s, expected {whole['likely']:.1f} s "
                f"({whole['low']:.1f} to {whole['high']:.1f})"
            )
    seconds = [one for one in found if one.quantity == "seconds"]
    table("seconds, run by run", grouped(seconds, "run"))
    table("by quantity and basis", grouped(found, "quantity", "basis"))
    learnt = [one for one in found if one.run != RUNS[0][0]]
    table("with a history", grouped(learnt, "quantity"))
    table("in all", {"": found})
    print("\nmissed:")
    for one in found:
        if not one.held:
            print(
                f"  {one.run}: {one.node} {one.quantity}: {one.taken:.4g}, expected "
                f"{one.low:.4g} to {one.high:.4g} ({one.basis})"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
