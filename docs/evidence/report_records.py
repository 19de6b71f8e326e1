"""A run record of 1,000 stages with 200 layers each, as `report_pages.py` measures it."""

from __future__ import annotations

import sys
from pathlib import Path

from recipec.api import Layer, LayerTable, Tensor
from recipec.run.record import RunRecord, StageRecord

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from report import conftest as records
from report import toy_models, toy_stages

POSITIONS = 64
"""Positions of every convolution's output."""


def layers(number: int, width: int, zeros: int) -> LayerTable:
    """Convolutions of `width` channels from 64, with a zero count that differs from stage to
    stage."""
    rows = []
    for n in range(number):
        shape = (width, 64, 3, 3)
        weight = Tensor(name="weight", shape=shape, dtype="float32", zeros=(zeros * 7 + n) % 5000)
        bias = Tensor(name="bias", shape=(width,), dtype="float32", zeros=0)
        name = f"features.{n // 10}.block.{n}.conv"
        rows.append(Layer(name=name, type="Conv2d", tensors=(weight, bias), positions=POSITIONS))
    return LayerTable(layers=tuple(rows))


def large(stages: int = 1000, number: int = 200) -> RunRecord:
    """A chain of stages that prune and train in turn; every layer of every model is another."""
    made: list[StageRecord] = []
    facts = toy_models.torch_facts(toy_models.FULL)
    for k in range(stages):
        model = facts.model_copy(update={"layers": layers(number, 64 - k % 33, k)})
        accuracy = 0.90 + 0.09 * (k * 37 % 100) / 100
        p50 = 900.0 - k / 2
        speed = (p50, 900 / p50, 890 / p50, 910 / p50)
        params = {"data": "train", "epochs": 12, "optimizer": {"name": "adamw", "lr": 0.003}}
        inputs = {"model": made[-1].id, "data": "data.train"} if made else {}
        operator = "train.fit" if k % 2 else "prune.channels"
        measured = toy_stages.metrics(1_000_000 - 500 * k, model, accuracy, speed)
        made.append(
            toy_stages.stage(f"stage-{k}", operator, params, (model, model), measured, inputs)
        )
    last = made[-1].id
    return records.record(
        name=f"{stages:,} stages of {number} layers",
        stages=made,
        measurements=records.measurements(made),
        baseline=made[0].id,
        outputs=[records.output(last, "torch.module", "artifacts/model.safetensors", 500_000)],
        unmeasured=[],
        gates=[],
    )


def failed() -> RunRecord:
    """The seven steps, of which the fifth failed: the record that tests/report looks at."""
    made: RunRecord = records.failed.__wrapped__()
    return made
