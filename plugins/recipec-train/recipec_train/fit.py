"""`train.fit`: train a module, from scratch or to win accuracy back after pruning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from recipec.api import (
    UNKNOWN,
    Artifact,
    DataSamples,
    Facts,
    Learning,
    Operator,
    OperatorError,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TensorSpec,
    TorchModule,
    Trait,
    Unknown,
)
from recipec.api.data.shapes import inputs_mismatch
from recipec_train.length import Length
from recipec_train.params import FitParams

INSTALL = 'pip install "recipec[train]"'


class Fit(Operator[FitParams]):
    """Supervised training on class labels, by Lightning Fabric.

    The same inputs, seed and thread count give the same weights to the bit, also when the run was
    killed and went on from a checkpoint. The module may return logits [N, classes] only.
    """

    id = "train.fit"
    version = 1
    summary = "train or fine-tune a classifier; resumes after a kill"
    params = FitParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "what to train")}
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "with trained weights")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:lightning-fabric>=2.5", INSTALL),
    )
    traits: ClassVar[frozenset[Trait]] = frozenset({"trains"})

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, data = inputs["model"], inputs["data"]
        if not isinstance(model, TorchModule) or not isinstance(data, DataSamples):
            raise TypeError(f"{self.id} can't train a {model.kind} on {data.kind}")
        self._check_params()
        for place in ("data", "validation"):
            if isinstance(facts := inputs.get(place), DataSamples):
                check_fit(model, facts, place)
        self._check_augment(data)
        if model.precision not in ("fp32", UNKNOWN):
            raise OperatorError(f"the model's weights are {model.precision}: train those in fp32")
        layers = model.layers if isinstance(model.layers, Unknown) else model.layers.without_zeros()
        return StagePlan(
            outputs={"model": model.model_copy(update={"layers": layers})},
            effects=tuple(self._effects(data)),
            learns_from=self._learns_from(),
            work=self._work(model, data, inputs.get("validation")),
            warnings=tuple(self._warnings(inputs)),
            requires=(Requirement("cuda"),) if self.with_.device == "cuda" else (),
        )

    def _check_params(self) -> None:
        if (self.with_.epochs is None) == (self.with_.steps is None):
            both = self.with_.epochs is not None
            raise OperatorError(
                "both `epochs` and `steps` are given" if both else "how long to train is missing",
                at=("steps",) if both else (),
                hint="write one of `epochs` and `steps`",
            )
        if self.with_.early_stop is not None and self.with_.validation is None:
            raise OperatorError(
                "`early_stop` has no data to measure on",
                at=("early_stop",),
                hint="write validation: with a name under `data:`",
            )

    def _check_augment(self, data: DataSamples) -> None:
        wanted = self.with_.augment.is_affine or self.with_.augment.flip
        if wanted and not isinstance(data.inputs, Unknown) and not any(map(is_image, data.inputs)):
            shapes = "; ".join(map(str, data.inputs))
            raise OperatorError(f"no input is an image [N, C, H, W]: {shapes}", at=("augment",))

    def _work(self, model: TorchModule, data: DataSamples, validation: Facts | None) -> int | None:
        """Count multiply-adds: forward, and twice as many backward, for the gradients of weights
        and of activations; and forward over the validation data after each epoch."""
        if isinstance(model.layers, Unknown) or isinstance(data.count, Unknown):
            return None
        params, seen = self.with_, 0
        length = Length.of(params.epochs, params.steps, params.batch_size, data.count)
        if isinstance(validation, DataSamples):
            if isinstance(validation.count, Unknown):
                return None
            seen = length.epochs * validation.count
        return (3 * length.samples(params.batch_size, data.count) + seen) * model.layers.macs

    def _learns_from(self) -> Mapping[str, Learning]:
        """Validation data that is only watched leaves nothing in the weights."""
        learns = {"data": Learning(how="trains")}
        if self.with_.early_stop is not None:
            learns["validation"] = Learning(how="selects")
        return learns

    def _effects(self, data: DataSamples) -> Iterator[str]:
        params, size = self.with_, self.with_.batch_size
        rate = f"{params.optimizer.name}, lr {params.optimizer.lr:g}, {params.schedule.name}"
        if isinstance(data.count, Unknown):
            yield (
                f"{params.epochs} epochs of batches of {size}"
                if params.epochs
                else (f"{params.steps} steps of {size}")
            )
        else:
            length = Length.of(params.epochs, params.steps, size, data.count)
            most = "at most " if params.early_stop else ""
            steps = f"{length.steps} steps of {min(size, data.count)}"
            if params.epochs is not None:
                epochs = "1 epoch" if params.epochs == 1 else f"{params.epochs} epochs"
                yield f"{most}{epochs} × {data.count} samples = {steps}"
            else:
                passes = length.steps / length.per_epoch
                yield f"{most}{steps} = {passes:.2g} passes over {data.count} samples"
        yield f"{rate}; {params.loss.name}; {params.precision}"
        if params.early_stop:
            stop = params.early_stop
            yield f"stops after {stop.patience} epochs without better validation {stop.metric}"

    def _warnings(self, inputs: Mapping[str, Facts]) -> Iterator[str]:
        model = inputs["model"]
        classes = getattr(inputs["data"], "classes", UNKNOWN)
        outputs = classes_of(model) if isinstance(model, TorchModule) else None
        if outputs is not None and isinstance(classes, int) and classes < outputs:
            yield f"the model has {outputs} outputs, the data {classes} classes"

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_train._fit import fit

        return fit(self.with_, inputs, context)


def classes_of(model: TorchModule) -> int | None:
    """Give the number of logits, None when it isn't known."""
    if isinstance(model.outputs, Unknown) or len(model.outputs) != 1:
        return None
    last = model.outputs[0].shape[-1] if model.outputs[0].shape else None
    return last if isinstance(last, int) else None


def check_fit(model: TorchModule, data: DataSamples, place: str) -> None:
    """Raise OperatorError at (place,) when it is known that the data can't be used."""
    if data.classes is None:
        raise OperatorError("this data has no labels to learn from", at=(place,))
    if reason := inputs_mismatch(model.inputs, data.inputs):
        raise OperatorError(reason, at=(place,))
    if not isinstance(model.outputs, Unknown) and (
        len(model.outputs) != 1 or len(model.outputs[0].shape) != 2
    ):
        outputs = "; ".join(map(str, model.outputs))
        raise OperatorError(f"only logits [N, classes] can be trained; the model gives {outputs}")
    logits = classes_of(model)
    if logits is not None and isinstance(data.classes, int) and data.classes > logits:
        raise OperatorError(
            f"the data has {data.classes} classes, the model only {logits} outputs",
            at=(place,),
            hint=f"labels count from 0: the largest one is {data.classes - 1}",
        )


def is_image(spec: TensorSpec) -> bool:
    """Say whether an input is a batch of images [N, C, H, W]."""
    return len(spec.shape) == 4 and spec.dtype == "float32"
