"""What is used of torchao, imported without its chatter."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _quiet_import() -> Iterator[None]:
    # torchao registers Enum classes as pytree constants, which torch 2.14 does by itself: torch
    # logs a deprecation meant for torchao's authors, in every process that imports it.
    logger = logging.getLogger("torch.utils._pytree")

    def other(record: logging.LogRecord) -> bool:
        return "Calling register_constant() on Enum subclasses" not in record.getMessage()

    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


with _quiet_import():
    from torchao.quantization.pt2e import (
        FakeQuantize,
        HistogramObserver,
        MinMaxObserver,
        MovingAverageMinMaxObserver,
        MovingAveragePerChannelMinMaxObserver,
        PerChannelMinMaxObserver,
        UniformQuantizationObserverBase,
    )
    from torchao.quantization.pt2e.quantize_pt2e import (
        convert_pt2e,
        prepare_pt2e,
        prepare_qat_pt2e,
    )
    from torchao.quantization.pt2e.quantizer import (
        QuantizationAnnotation,
        QuantizationSpec,
        Quantizer,
    )
    from torchao.quantization.quant_primitives import (
        MappingType,
        choose_qparams_affine,
        quantize_affine,
    )

__all__ = [
    "FakeQuantize",
    "HistogramObserver",
    "MappingType",
    "MinMaxObserver",
    "MovingAverageMinMaxObserver",
    "MovingAveragePerChannelMinMaxObserver",
    "PerChannelMinMaxObserver",
    "QuantizationAnnotation",
    "QuantizationSpec",
    "Quantizer",
    "UniformQuantizationObserverBase",
    "choose_qparams_affine",
    "convert_pt2e",
    "prepare_pt2e",
    "prepare_qat_pt2e",
    "quantize_affine",
]
