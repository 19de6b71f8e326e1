"""OpenVINO, imported without its telemetry."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_TELEMETRY = "openvino_telemetry"


@contextmanager
def _without_telemetry() -> Iterator[None]:
    # `import openvino` sends an event, and every conversion some more, to a server of its makers,
    # unless its telemetry package can't be imported. A build must not talk to the network.
    known = _TELEMETRY in sys.modules
    if not known:
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # what makes an import fail
    try:
        yield
    finally:
        if not known:
            del sys.modules[_TELEMETRY]


with _without_telemetry():
    import openvino

__all__ = ["openvino"]
