"""Makes the networks beside the tests importable: artifacts name their builder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
