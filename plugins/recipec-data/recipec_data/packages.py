"""What the loaders need to be installed; the versions found become part of the data's identity."""

from __future__ import annotations

from typing import Final

from recipec.api import Requirement

INSTALL: Final = 'pip install "recipec[data]"'
NUMPY: Final = Requirement("python:numpy>=1.26", INSTALL)
SKLEARN: Final = Requirement("python:scikit-learn>=1.4", INSTALL)
PILLOW: Final = Requirement("python:Pillow>=10", INSTALL)
MNIST1D_INSTALL: Final = 'pip install "recipec[mnist1d]"'
MNIST1D: Final = Requirement("python:mnist1d>=0.0.2", MNIST1D_INSTALL)
SCIPY: Final = Requirement("python:scipy>=1.11", MNIST1D_INSTALL)
TOKENIZERS: Final = Requirement("python:tokenizers>=0.20", 'pip install "recipec[text]"')
# from version 4 on, a dataset can't bring code of its own that loading it would run
DATASETS: Final = Requirement("python:datasets>=4", 'pip install "recipec[huggingface]"')
