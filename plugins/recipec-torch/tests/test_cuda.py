"""The CUDA probe asks the driver, and copes with there being none."""

import shutil
import subprocess

import pytest

import recipec_torch
from recipec.testing import CapabilityContract
from recipec_torch.cuda import driver_version

# What the probe calls of the CUDA driver API; numbers as in cuda.h.
DRIVER = """
int cuInit(unsigned flags) {{ return {init}; }}
int cuDeviceGetCount(int *count) {{ *count = {devices}; return 0; }}
int cuDriverGetVersion(int *version) {{ *version = 12040; return 0; }}
"""
CUDA_ERROR_NO_DEVICE = 100


class TestCuda(CapabilityContract):
    (capability,) = recipec_torch.recipec_capabilities()


def test_without_a_driver_there_is_no_cuda(tmp_path):
    assert driver_version(str(tmp_path / "libcuda.so.1")) is None


@pytest.mark.skipif(shutil.which("cc") is None, reason="makes a driver with a C compiler")
@pytest.mark.parametrize(
    ("init", "devices", "found"), [(0, 1, "12.4"), (0, 0, None), (CUDA_ERROR_NO_DEVICE, 0, None)]
)
def test_a_driver_counts_with_a_gpu_only(init, devices, found, tmp_path):
    source, library = tmp_path / "driver.c", tmp_path / "libcuda.so.1"
    source.write_text(DRIVER.format(init=init, devices=devices))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    assert driver_version(str(library)) == found
