"""A model's configuration as JSON, and what the builders need of a model's class."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from recipec_torch.transformers._library import AutoConfig, PretrainedConfig

MASKED = -10_000.0
"""Added to the scores of padding, as BERT's own code does: exp of it is 0, and float16 holds it."""

ENCODERS = (
    "albert",
    "bert",
    "camembert",
    "convbert",
    "distilbert",
    "electra",
    "ernie",
    "mobilebert",
    "mpnet",
    "nomic_bert",
    "rembert",
    "roberta",
    "xlm-roberta",
)
"""Model types for which a ready mask of four dimensions gives what one of two gives (a test holds
them to it). It would put a causal or sliding mask of a model's own out of force."""

_ABOUT_THE_FILE = ("_name_or_path", "transformers_version", "torch_dtype", "dtype")


def configuration(config: Mapping[str, Any]) -> PretrainedConfig:
    """Read a configuration, as `config.json` has it.

    Raises ValueError unless it is that of one of the `ENCODERS`.
    """
    values = dict(config)
    kind = values.pop("model_type", None)
    if kind not in ENCODERS or values.get("is_decoder"):
        said = "a decoder" if values.get("is_decoder") else repr(kind)
        raise ValueError(f"the model_type is {said}, and must be one of {', '.join(ENCODERS)}")
    return AutoConfig.for_model(kind, **values)


def as_json(config: PretrainedConfig) -> dict[str, Any]:
    """Give a configuration for `configuration`, without the place and version it came from."""
    values: dict[str, Any] = json.loads(json.dumps(config.to_dict()))  # keys become text
    return {name: values[name] for name in sorted(values) if name not in _ABOUT_THE_FILE}


def class_of(config: PretrainedConfig, classes: Mapping[Any, Any], what: str) -> type[Any]:
    """Give the class of a configuration among those of a kind. Raises ValueError without one."""
    if type(config) not in classes:
        raise ValueError(f"transformers has no {what} for {config.model_type!r}")
    kind: type[Any] = classes[type(config)]
    return kind


def random_model(auto: Any, config: PretrainedConfig, kind: type[Any]) -> nn.Module:
    """Make the model of a configuration in float32, with weights as it draws them."""
    model: nn.Module = auto.from_config(config, **options(kind)).float()
    return model


def options(kind: type[Any]) -> dict[str, Any]:
    """Give the keyword arguments with which a model's class is made.

    Attention is `eager`: plain matrix products and a softmax, which every exporter knows and which
    run on the meta device. An encoder's pooling layer isn't used, so it isn't made.
    """
    wanted: dict[str, Any] = {"attn_implementation": "eager"}
    if "add_pooling_layer" in inspect.signature(kind).parameters:
        wanted["add_pooling_layer"] = False
    return wanted


def additive(attention_mask: Tensor) -> Tensor:
    """Make 0 for a token and `MASKED` for padding, `[N, L]` → float32 `[N, 1, 1, L]`.

    Models take a mask of four dimensions as it is; of two they look whether anything is masked,
    and neither a meta tensor nor an export can tell.
    """
    return (1.0 - attention_mask[:, None, None, :].float()) * MASKED
