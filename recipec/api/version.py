"""The version of `recipec.api`, which is a promise of its own beside recipec's version.

`MAJOR.MINOR`: MINOR rises when something is added (a name, a hook, an optional argument, a field
with a default); MAJOR rises when something that a plugin may rely on is removed, renamed or means
something else. Before it is removed it warns for at least one MINOR version, and says in which it
ends. A plugin states the range that it was written for:

    # recipec_acme/__init__.py
    RECIPEC_API = ">=1.0,<2"

recipec keeps a plugin out whose range excludes this version, and says both.
"""

from typing import Final

API_VERSION: Final = "1.0"
