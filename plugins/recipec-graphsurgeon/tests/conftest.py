"""Lets the tests, and references to data, import the examples beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
