"""Whether this machine has a CUDA GPU, asked of the driver itself: torch needn't be installed."""

from __future__ import annotations

import ctypes
import sys

LIBRARY = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def driver_version(library: str = LIBRARY) -> str | None:
    """Give the newest CUDA version that the driver supports ("12.4"), None without a usable GPU."""
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return None
    devices, version = ctypes.c_int(0), ctypes.c_int(0)
    # Each call gives 0 on success: cuInit fails where a driver is installed but no GPU is there.
    if (
        driver.cuInit(0)
        or driver.cuDeviceGetCount(ctypes.byref(devices))
        or driver.cuDriverGetVersion(ctypes.byref(version))
        or not devices.value
    ):
        return None
    return f"{version.value // 1000}.{version.value % 1000 // 10}"
