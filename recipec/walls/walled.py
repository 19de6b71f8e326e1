"""The wall around one piece of plugin code: its output is diverted and shared state put back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from recipec.walls.ambient import Ambient
from recipec.walls.output import Diverted, diverted


class Walled:
    """What went on within a wall so far."""

    def __init__(self, before: Ambient, output: Diverted, own: str) -> None:
        self._before, self._own = before, own
        self.output = output
        self.told: list[str] = []
        """What it did to the process, in words that follow a name: `"changed the …"`."""

    def look(self, own: str | None = None) -> list[str]:
        """Put back what has changed since the last look; give what is new to tell.

        `own` is the package that was called since, where it isn't that of the whole.
        """
        package = self._own if own is None else own
        new = [f"changed {what}; it was put back" for what in self._before.restore(package)]
        if self.output.said():
            new.append("wrote to standard output; that went to standard error")
        self.told += new
        return new


@contextlib.contextmanager
def walled(own: str = "", *, slow: bool = True) -> Iterator[Walled]:
    """Run code of a plugin: standard output is diverted, and changed state is put back at the end.

    `own` is the plugin's package. `slow=False` leaves random generators out.
    """
    with diverted() as output:
        within = Walled(Ambient(slow=slow), output, own)
        try:
            yield within
        finally:
            within.look()
