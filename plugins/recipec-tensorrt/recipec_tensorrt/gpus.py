"""Which GPUs this machine has, asked of the driver itself: no framework need be installed."""

from __future__ import annotations

import ctypes
import sys

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
MAJOR, MINOR = 75, 76
"""The driver's attributes CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR."""


def compute_capabilities(library: str = LIBRARY) -> str | None:
    """Give the compute capabilities of all GPUs here, once each ("8.6 8.9"), None without one."""
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return None
    count = ctypes.c_int(0)
    if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)):
        return None
    found = {_compute_capability(driver, index) for index in range(count.value)}
    return " ".join(sorted(known for known in found if known)) or None


def _compute_capability(driver: ctypes.CDLL, index: int) -> str | None:
    device, major, minor = ctypes.c_int(0), ctypes.c_int(0), ctypes.c_int(0)
    if (
        driver.cuDeviceGet(ctypes.byref(device), index)
        or driver.cuDeviceGetAttribute(ctypes.byref(major), MAJOR, device)
        or driver.cuDeviceGetAttribute(ctypes.byref(minor), MINOR, device)
    ):
        return None
    return f"{major.value}.{minor.value}"
