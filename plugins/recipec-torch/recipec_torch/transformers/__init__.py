"""Builders for text models of Hugging Face's transformers (heavy: torch and transformers).

They take a model's configuration as JSON, so a saved module needs neither a network nor the folder
that it came from. `torch.transformers` fills them with trained weights.
"""

from recipec_torch.transformers._classifier import Classifier, classifier
from recipec_torch.transformers._encoder import Encoder, encoder

__all__ = ["Classifier", "Encoder", "classifier", "encoder"]
