"""Samples: how operators read data (heavy: NumPy)."""

from recipec.api.data._samples import ArraySamples, Batch, Samples, open_samples

__all__ = ["ArraySamples", "Batch", "Samples", "open_samples"]
