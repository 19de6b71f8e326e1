"""Independent random streams from one seed: one for each epoch and purpose.

A stream depends on nothing that was drawn before, so that a resumed run draws what an undisturbed
one would.
"""

from __future__ import annotations

import hashlib


def stream_seed(seed: int, epoch: int, purpose: str) -> int:
    """Give the seed of a stream, 0 … 2⁶³ − 1."""
    digest = hashlib.sha256(f"{seed}/{epoch}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1
