"""A plugin of toy techniques that only plan: a model of convolutions, and what is done to models.

They declare traits, facts and what they learn from as real operators do, so that lints, which see
nothing else, can be tried on any recipe.
"""

from importlib.metadata import EntryPoint
from typing import Literal

from pydantic import Field

from recipec.api import (
    DataRef,
    DataSamples,
    DataSource,
    Evaluator,
    Layer,
    LayerTable,
    Learning,
    MetricFamily,
    Model,
    ModelSource,
    OnnxModel,
    Operator,
    Params,
    Port,
    StagePlan,
    Tensor,
    TensorRTEngine,
    TorchModel,
    TorchModule,
    hookimpl,
)
from recipec.api.quantization import SCHEMES

TECHNIQUES = EntryPoint("techniques", "toys.techniques", "recipec")


def table(channels, kind="Conv2d", zeros=0.0):
    """A chain of layers with as many output channels as stated, after an input of three."""
    layers, before = [], 3
    for number, after in enumerate(channels):
        shape = (after, before, 3, 3) if kind.startswith("Conv") else (after, before)
        size = after * before * (9 if kind.startswith("Conv") else 1)
        weight = Tensor(name="weight", shape=shape, dtype="float32", zeros=round(size * zeros))
        layers.append(Layer(name=f"layer{number}", type=kind, tensors=(weight,), positions=64))
        before = after
    return LayerTable(layers=tuple(layers))


def channels_of(model):
    return [layer.weight.shape[0] for layer in model.layers.layers]


class PlansOnly:
    version = 1

    def run(self, inputs, context):
        raise AssertionError("never runs")


class SamplesParams(Params):
    count: int = Field(600, description="Samples.")
    split: str | None = Field(None, description="Split.")
    classes: int | None = Field(10, description="Classes.")


class Samples(PlansOnly, DataSource):
    id, summary, params, loader = "techniques.samples", "Samples.", SamplesParams, "no:thing"

    def plan(self, inputs, context):
        with_ = self.with_
        return StagePlan(
            {"samples": DataSamples(count=with_.count, classes=with_.classes, split=with_.split)}
        )

    def arguments(self, context):
        return {}


class SourceParams(Params):
    channels: tuple[int, ...] = Field((32, 64), description="Output channels of each layer.")
    kind: str = Field("Conv2d", description="Type of all layers.")


class Source(PlansOnly, ModelSource):
    id, summary, params = "techniques.model", "A model.", SourceParams
    outputs = {"model": Port(TorchModule, "the model")}

    def plan(self, inputs, context):
        layers = table(self.with_.channels, self.with_.kind)
        return StagePlan({"model": TorchModule(layers=layers, precision="fp32")})


class Changes(PlansOnly, Operator):
    inputs = {"model": Port(TorchModel, "a model")}
    outputs = {"model": Port(TorchModule, "the changed model")}


class TrainParams(Params):
    data: DataRef = Field(description="Samples to fit.")
    validation: DataRef | None = Field(None, description="Samples to watch.")
    stop: bool = Field(False, description="Whether to stop by them.")


class Train(Changes):
    id, summary, params, traits = "techniques.train", "Train.", TrainParams, frozenset({"trains"})

    def plan(self, inputs, context):
        model = inputs["model"]
        learns = {"data": Learning(how="trains")}
        if self.with_.stop:
            learns["validation"] = Learning(how="selects")
        made = model.model_copy(update={"layers": model.layers.without_zeros()})
        return StagePlan({"model": made}, learns_from=learns)


class AmountParams(Params):
    amount: float = Field(0.5, description="Share that leaves or becomes zero.")
    round_to: int = Field(1, description="Channels that stay are a multiple of this.")


class Prune(Changes):
    id, summary, params, traits = "techniques.prune", "Prune.", AmountParams, frozenset({"prunes"})

    def plan(self, inputs, context):
        model, to = inputs["model"], self.with_.round_to
        kept = [max(to, int(c * (1 - self.with_.amount)) // to * to) for c in channels_of(model)]
        return StagePlan({"model": model.model_copy(update={"layers": table(kept)})})


class Mask(Changes):
    id, summary, params, traits = "techniques.mask", "Mask.", AmountParams, frozenset({"masks"})

    def plan(self, inputs, context):
        model = inputs["model"]
        layers = table(channels_of(model), zeros=self.with_.amount)
        return StagePlan({"model": model.model_copy(update={"layers": layers})})


class CalibrationParams(Params):
    data: DataRef = Field(description="Samples to calibrate on.")
    samples: int = Field(256, description="How many.")


class StaticParams(Params):
    target: Literal["cpu", "tensorrt"] = Field("cpu", description="For what.")
    calibration: CalibrationParams = Field(description="Calibration.")


class Static(Changes):
    id, summary, params = "techniques.static", "Static int8.", StaticParams
    traits = frozenset({"quantizes"})

    def plan(self, inputs, context):
        made = inputs["model"].model_copy(
            update={"precision": "int8", "quantization": SCHEMES[self.with_.target]}
        )
        samples = self.with_.calibration.samples
        learns = {"calibration.data": Learning(how="calibrates", samples=samples)}
        return StagePlan({"model": made}, learns_from=learns)


class Dynamic(Changes):
    id, summary, traits = "techniques.dynamic", "Int8.", frozenset({"quantizes dynamically"})

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"].model_copy(update={"precision": "int8"})})


class Fake(Changes):
    id, summary = "techniques.fake", "Fake quantization."
    traits = frozenset({"simulates quantization"})

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"]})


class Convert(Changes):
    id, summary = "techniques.convert", "Convert fake quantization."
    traits = frozenset({"converts simulated quantization"})

    def plan(self, inputs, context):
        return StagePlan({"model": inputs["model"].model_copy(update={"precision": "int8"})})


class ExportParams(Params):
    check: DataRef | None = Field(None, description="Samples to compare outputs on.")


class Export(Changes):
    id, summary, params = "techniques.export", "Export.", ExportParams
    outputs = {"model": Port(OnnxModel, "the file")}

    def plan(self, inputs, context):
        model = inputs["model"]
        made = OnnxModel(
            layers=model.layers, precision=model.precision, quantization=model.quantization
        )
        return StagePlan({"model": made})


class ExportSparse(Export):
    id, summary, traits = "techniques.export_sparse", "Export.", frozenset({"skips zeros"})


class EngineParams(Params):
    half: bool = Field(False, description="Whether floats are float16.")


class Engine(PlansOnly, Operator):
    id, summary, params = "techniques.engine", "Build.", EngineParams
    inputs = {"model": Port(OnnxModel, "a file")}
    outputs = {"engine": Port(TensorRTEngine, "the engine")}

    def plan(self, inputs, context):
        model = inputs["model"]
        precision = "fp16" if self.with_.half and model.precision == "fp32" else model.precision
        made = TensorRTEngine(precision=precision, quantization=model.quantization)
        return StagePlan({"engine": made})


class EngineInt8(Engine):
    id, summary, traits = "techniques.engine_int8", "Build int8.", frozenset({"quantizes"})

    def plan(self, inputs, context):
        return StagePlan({"engine": TensorRTEngine(precision="int8")})


class JudgeParams(Params):
    metrics: tuple[str, ...] = Field(("score", "seconds"), description="Families.")
    data: DataRef = Field(description="Samples.")


class Judge(PlansOnly, Evaluator):
    """Measures everything but engines, as there is no GPU."""

    id, summary, params, subjects = "techniques.judge", "Judge.", JudgeParams, Model
    inputs = {"subject": Port(Model, "a model")}
    families = (
        MetricFamily(
            name="score",
            names=("score",),
            summary="how right it is",
            unit="share",
            better="higher",
            about="quality",
        ),
        MetricFamily(
            name="seconds",
            names=("seconds",),
            summary="how long it takes",
            unit="s",
            better="lower",
            about="cost",
        ),
    )

    @classmethod
    def metric_names(cls, params):
        return tuple(params.metrics)

    def plan(self, inputs, context):
        opaque = isinstance(inputs["subject"], TensorRTEngine)
        return StagePlan(unmeasured={"subject": "blocked: needs cuda"} if opaque else {})


@hookimpl
def recipec_operators():
    return [
        Samples, Source, Train, Prune, Mask, Static, Dynamic, Fake, Convert, Export, ExportSparse,
        Engine, EngineInt8, Judge,
    ]  # fmt: skip
