"""Lightning Fabric, set up so that it does what was asked and says nothing."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision
from lightning_fabric.plugins.environments.lightning import LightningEnvironment

Precision = Literal["32-true", "16-mixed", "bf16-mixed"]

_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
_LOGGERS = ("lightning.fabric", "lightning_fabric")


def make_fabric(device: str, precision: Precision) -> Fabric:
    """Make a Fabric on one device.

    Given `16-mixed` on a CPU, Fabric trains in bfloat16 instead. With the plugin made here it is
    float16 with a gradient scaler, as was asked.
    """
    # Named, since Fabric would otherwise look for a cluster in the environment's variables.
    here = LightningEnvironment()
    if precision == "16-mixed":
        half = MixedPrecision("16-mixed", device, scaler=torch.amp.GradScaler(device))
        return Fabric(accelerator=device, devices=1, plugins=[here, half])
    return Fabric(accelerator=device, devices=1, plugins=[here], precision=precision)


@contextmanager
def deterministic_on(device: str) -> Iterator[None]:
    """Let a GPU compute the same bits each time, as far as it can: torch warns of what it can't.

    cuBLAS reads its setting when it is first used. On a CPU there is nothing to do.
    """
    if device == "cpu":
        yield
        return
    torch.use_deterministic_algorithms(True, warn_only=True)
    before = os.environ.get(_CUBLAS)
    os.environ.setdefault(_CUBLAS, ":4096:8")
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CUBLAS]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Fabric's remarks (about devices, tips, other products) off the terminal."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning_fabric(\..*)?")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
