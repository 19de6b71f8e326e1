"""It writes where it mustn't, and keeps quiet about it."""

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

from hostile_plugins.change import Change
from recipec.api import hookimpl


class Scribble(Change):
    id = "scribbling.scribble"

    def mischief(self, inputs, context):
        how, _, where = self.with_.how.partition(" ")
        path = Path(where)
        if how == "swallow":
            with contextlib.suppress(OSError):
                path.write_text("scribbled")
        elif how == "write":
            path.write_text("scribbled")
        elif how == "append":
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
        elif how == "remove":
            path.unlink()
        elif how == "rename":
            path.rename(context.scratch / "mine")
        elif how == "folder":
            path.mkdir()
        elif how == "clear":
            shutil.rmtree(path)
        elif how == "database":
            sqlite3.connect(path).close()
        elif how == "input":
            inputs["model"].path.write_text("[0]")


@hookimpl
def recipec_operators():
    return [Scribble]
