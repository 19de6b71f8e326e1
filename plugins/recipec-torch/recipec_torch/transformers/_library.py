"""What is used of transformers, imported without the chatter of what it imports."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _quiet_import() -> Iterator[None]:
    # transformers imports torchao where it is installed, which registers Enum classes as pytree
    # constants; torch logs a deprecation of that in every process.
    logger = logging.getLogger("torch.utils._pytree")

    def other(record: logging.LogRecord) -> bool:
        return "Calling register_constant() on Enum subclasses" not in record.getMessage()

    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


with _quiet_import():
    import transformers.modeling_utils  # where torchao comes in
    from transformers import (
        MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
        MODEL_MAPPING,
        AutoConfig,
        AutoModel,
        AutoModelForSequenceClassification,
        PretrainedConfig,
    )

__all__ = [
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING",
    "MODEL_MAPPING",
    "AutoConfig",
    "AutoModel",
    "AutoModelForSequenceClassification",
    "PretrainedConfig",
    "transformers",
]
