"""What the loaders need to be installed; the versions found become part of the data's identity."""

from __future__ import annotations

from typing import Final

from recipec.api import Requirement

INSTALL: Final = 'pip install "recipec[data]"'
NUMPY: Final = Requirement("python:numpy>=1.26", INSTALL)
SKLEARN: Final = Requirement("python:scikit-learn>=1.4", INSTALL)
