"""What the report reads of facts: in a record they are JSON, of plugins' own kinds too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from recipec.api import UNKNOWN, LayerTable, Unknown
from recipec.run.record import RunRecord, StageRecord

JsonFacts = Mapping[str, Any]
NOTHING: Final = "—"
LATER: Final = "(known after run)"


@dataclass(frozen=True)
class MadeModel:
    """A model on an output port of a stage, as planned and as made; either may be None."""

    stage: StageRecord
    port: str
    planned: JsonFacts | None
    made: JsonFacts | None

    @property
    def facts(self) -> JsonFacts:
        """The best that is known."""
        return self.made or self.planned or {}

    @cached_property
    def layers(self) -> LayerTable | None:
        """The layer table of what was made. Raises ValidationError on one that isn't."""
        return layer_table(self.made)

    @cached_property
    def planned_layers(self) -> LayerTable | None:
        """The planned layer table. Raises ValidationError on one that isn't."""
        if self.planned and self.made and self.planned.get("layers") == self.made.get("layers"):
            return self.layers
        return layer_table(self.planned)


def is_model(facts: JsonFacts) -> bool:
    """Tell models from other artifacts by their form, since plugins have kinds of their own."""
    return "layers" in facts and "precision" in facts


def models(record: RunRecord) -> Iterator[MadeModel]:
    """Give every stage's models, also those that were planned and not made."""
    for stage in record.stages:
        for port in dict.fromkeys((*stage.planned, *stage.made)):
            model = MadeModel(stage, port, stage.planned.get(port), stage.made.get(port))
            if is_model(model.facts):
                yield model


def main_models(models: Iterable[MadeModel]) -> dict[str, MadeModel]:
    """Give each stage's model (the first, where a stage makes several) by the stage's id."""
    found: dict[str, MadeModel] = {}
    for model in models:
        found.setdefault(model.stage.id, model)
    return found


def layer_table(facts: JsonFacts | None) -> LayerTable | None:
    """Give the layer table among facts, None where it is unknown or there are no facts.

    Raises ValidationError on a table that isn't one.
    """
    layers = facts.get("layers") if facts else None
    return LayerTable.model_validate(layers) if isinstance(layers, Mapping) else None


def known(value: Any) -> bool:
    """Tell whether a fact, as JSON, is known."""
    return bool(value != Unknown.UNKNOWN.value) and value is not UNKNOWN


def tensors(specs: Any) -> str:
    """Write tensor specs: `x: [N, 1, 8, 8] float32`."""
    if not isinstance(specs, list | tuple):
        return compact(specs)
    return "; ".join(
        f"{s['name']}: [{', '.join(map(str, s['shape']))}] {s['dtype']}" for s in specs
    )


def compact(value: Any) -> str:
    """Write a JSON value on one line, a text as it is."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value if known(value) else LATER
    return json.dumps(value, ensure_ascii=False)


def fact(name: str, value: Any) -> str:
    """Write one fact of an artifact."""
    if not known(value):
        return LATER
    if name in ("inputs", "outputs"):
        return tensors(value)
    if name == "quantization" and isinstance(value, Mapping):
        return (
            f"for {value.get('target')}: weights {value.get('weights')}, "
            f"activations {value.get('activations')}"
        )
    if name == "operators" and isinstance(value, Mapping):
        return ", ".join(f"{number} {kind}" for kind, number in value.items())
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return compact(value)


def summary(facts: JsonFacts) -> str:
    """Write what a model is in a few words: `onnx.model, int8, opset 20`."""
    said = [str(facts.get("kind", "model"))]
    for name, words in (
        ("precision", "{}"),
        ("opset", "opset {}"),
        ("runtime", "{}"),
        ("compute_capabilities", "compute capability {}"),
    ):
        value = facts.get(name)
        if value is not None and known(value):
            said.append(words.format(fact(name, value)))
    return ", ".join(said)
