"""The walls around plugins' code: what it does to the process stays its own matter.

    ambient   global state (working directory, seeds, threads …) is put back, and told
    output    what it writes to standard output goes to standard error, and is told
    limited   a call that doesn't come back is given up
    writes    files that are not its to write are refused

They stop accidents. Code that wants to do harm in its own process can; what must not touch this
process runs in one of its own (`recipec.run.isolated`).
"""

from recipec.walls.walled import Walled, walled

__all__ = ["Walled", "walled"]
