"""Rewrite the snapshot of the public API.

python tests/api_snapshot/update.py            what is only new is written down
python tests/api_snapshot/update.py --break    also what breaks plugins: that is a decision

See docs/api-stability.md for when the version of the API rises.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from api_snapshot.changes import changes
from api_snapshot.describe import public_api

SNAPSHOT = Path(__file__).parent / "api.txt"


def main(arguments: list[str]) -> int:
    """Write the file, and say what changed; 1 when something breaks and that isn't allowed."""
    before = SNAPSHOT.read_text().splitlines() if SNAPSHOT.exists() else []
    after = public_api()
    found = changes(before, after)
    print(found.told() or "nothing has changed")
    if found.broken and "--break" not in arguments:
        print("this breaks plugins: keep and deprecate the old, or run it with --break")
        return 1
    SNAPSHOT.write_text("\n".join(after) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
