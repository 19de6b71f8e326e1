"""It prints and moves away when it is imported."""

import os

from recipec.api import hookimpl

print("welcome to loud 1.2!")
os.chdir("/")
os.environ["LOUD"] = "1"


@hookimpl
def recipec_operators():
    print("here are my operators")
    return []
