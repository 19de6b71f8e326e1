"""Load a trained text model of transformers, describe it, and save it as a module of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError
from torch import nn

from recipec.api import OperatorError, RunContext, TensorSpec, TorchModule, Unknown
from recipec.api.published import local_path
from recipec.api.torch import SavedModule, load_module, module_facts, reproducible, save_module
from recipec_torch.transformers import Classifier, Encoder
from recipec_torch.transformers._configuration import as_json, class_of, configuration, options
from recipec_torch.transformers._library import (
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    MODEL_MAPPING,
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    PretrainedConfig,
    transformers,
)

AT = ("pretrained",)
LOADING = (OSError, ValueError, KeyError, ImportError, RuntimeError, SafetensorError)
"""What transformers raises about a place that it can't load a model from."""


class Loaded(NamedTuple):
    """A module, how to build it, and whether a part of it has random weights."""

    module: nn.Module
    builder: str
    arguments: dict[str, Any]
    drawn: bool


def facts(
    *, place: Mapping[str, Any], wanted: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Give the facts of the module as JSON. Raises OperatorError as `load` does."""
    specs = [TensorSpec.model_validate(spec) for spec in inputs]
    loaded = load(place, wanted, specs)
    made = module_facts(loaded.module, specs)
    if loaded.drawn and not isinstance(made.layers, Unknown):  # its zeros depend on the seed
        made = made.model_copy(update={"layers": made.layers.without_zeros()})
    return made.to_json()


def build(
    place: Mapping[str, Any],
    wanted: Mapping[str, Any],
    inputs: Sequence[TensorSpec],
    context: RunContext,
) -> TorchModule:
    """Save the module; give the facts of what was saved. Raises OperatorError as `load` does."""
    path = context.path_for("model")
    with reproducible(context.seed, context.threads):
        loaded = load(place, wanted, inputs)
        structure = SavedModule(
            builder=loaded.builder, arguments=loaded.arguments, inputs=tuple(inputs)
        )
        save_module(path, loaded.module, structure)
        return module_facts(load_module(path), inputs)


def load(
    place: Mapping[str, Any], wanted: Mapping[str, Any], inputs: Sequence[TensorSpec]
) -> Loaded:
    """Load from a folder or the hub, weights from safetensors only, and no code of theirs.

    `wanted` is `TransformersParams` as JSON. Raises OperatorError when it isn't a text model, when
    its weights don't fill it, or when the texts are longer than it can read.
    """
    classes: int | None = wanted["classes"]
    embeds = wanted["task"] == "embedding"
    try:
        path = local_path(place)
    except OperatorError as problem:
        raise OperatorError(problem.message, at=AT) from problem
    with _quietly(), _explained(place.get("hub"), path):
        source, at = path or place["hub"], {"revision": place.get("revision")}
        more = {} if classes is None else {"num_labels": classes}
        config = AutoConfig.from_pretrained(source, trust_remote_code=False, **at, **more)
        config = configuration({"model_type": config.model_type, **as_json(config)})
        auto: Any  # its classes are typed in part only
        auto, mapping = (
            (AutoModel, MODEL_MAPPING)
            if embeds
            else (AutoModelForSequenceClassification, MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING)
        )
        kind = class_of(config, mapping, "encoder" if embeds else "text classifier")
        model, info = auto.from_pretrained(
            source,
            **at,
            trust_remote_code=False,
            config=config,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # looked at below
            **options(kind),
        )
    _check_length(config, inputs)
    lacking = {*info["missing_keys"], *(key[0] for key in info["mismatched_keys"])}
    _check_weights(model, sorted(lacking), embeds, classes)
    arguments: dict[str, Any] = {"config": as_json(config)}
    if embeds:
        arguments |= {"pooling": wanted["pooling"], "normalize": wanted["normalize"]}
        module: nn.Module = Encoder(model.float(), **{k: arguments[k] for k in POOLED})
    else:
        arguments |= {"classes": config.num_labels}
        module = Classifier(model.float())
    name = "encoder" if embeds else "classifier"
    return Loaded(
        module.eval(), f"recipec_torch.transformers:{name}", arguments, drawn=bool(lacking)
    )


POOLED = ("pooling", "normalize")


def _check_length(config: PretrainedConfig, inputs: Sequence[TensorSpec]) -> None:
    length, most = inputs[0].shape[1], getattr(config, "max_position_embeddings", None)
    # RoBERTa's positions begin after the padding's own
    offset = config.pad_token_id + 1 if "roberta" in config.model_type else 0
    if isinstance(length, int) and isinstance(most, int) and length > most - offset:
        raise OperatorError(
            f"texts of {length} tokens are too long: the model reads {most - offset}",
            at=("length",),
        )


def _check_weights(
    model: nn.Module, lacking: Sequence[str], embeds: bool, classes: int | None
) -> None:
    """Refuse weights that leave the model random, but for the head of new classes."""
    body = f"{getattr(model, 'base_model_prefix', '')}."
    wrong = [name for name in lacking if embeds or name.startswith(body)]
    if wrong:
        raise OperatorError(f"its weights lack {wrong[0]!r}, or have another shape there", at=AT)
    if lacking and classes is None:
        raise OperatorError(
            f"its weights have no classification head ({lacking[0]!r} is missing)",
            at=AT,
            hint="write `classes: N` for a new one, drawn from the seed, to be trained",
        )


@contextmanager
def _explained(hub: str | None, path: Path | None) -> Iterator[None]:
    """Say in one line what transformers raises about a place."""
    name = hub or (path.name if path else "")
    try:
        yield
    except LOADING as problem:
        said = " ".join(str(problem).split())
        for told, instead in ((str(path), name), ("https://", "")):
            said = said.replace(told, instead)
        first = said if len(said) <= 200 else f"{said[:199]}…"
        hint = (
            "the hub must be reached once, when the plan is made; or give a local folder"
            if hub
            else "a folder with config.json and model.safetensors, as save_pretrained writes it"
        )
        raise OperatorError(f"{name} can't be loaded: {first}", at=AT, hint=hint) from problem


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep transformers from writing over recipec's display; what matters of it is raised."""
    said: Any = transformers.utils.logging  # typed in part only
    level, bars = said.get_verbosity(), said.is_progress_bar_enabled()
    said.set_verbosity(logging.CRITICAL)
    said.disable_progress_bar()
    try:
        yield
    finally:
        said.set_verbosity(level)
        if bars:
            said.enable_progress_bar()
