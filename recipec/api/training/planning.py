"""What the plan of a training stage can say and refuse, from facts alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recipec.api.artifacts import DataSamples, Facts, TorchModule
from recipec.api.capabilities import Requirement
from recipec.api.data.shapes import inputs_mismatch
from recipec.api.errors import OperatorError
from recipec.api.operator import Learning
from recipec.api.training.augment import is_image
from recipec.api.training.length import Length
from recipec.api.training.params import TrainingParams
from recipec.api.unknown import UNKNOWN, Unknown

INSTALL = 'pip install "recipec[train]"'
REQUIRES = (
    Requirement("python:torch>=2.9", INSTALL),
    Requirement("python:lightning-fabric>=2.5", INSTALL),
)
"""What a stage that trains needs besides its own."""


def check_params(params: TrainingParams) -> None:
    """Raise OperatorError where two parameters contradict each other or one is missing."""
    if (params.epochs is None) == (params.steps is None):
        both = params.epochs is not None
        raise OperatorError(
            "both `epochs` and `steps` are given" if both else "how long to train is missing",
            at=("steps",) if both else (),
            hint="write one of `epochs` and `steps`",
        )
    if params.early_stop is not None and params.validation is None:
        raise OperatorError(
            "`early_stop` has no data to measure on",
            at=("early_stop",),
            hint="write validation: with a name under `data:`",
        )


def check_early_stop(params: TrainingParams, length: Length, settled: int, hint: str) -> None:
    """Raise OperatorError at ("early_stop",) when it can only look at the last epoch.

    It looks at none before `settled` steps are done: the module hasn't its final form before.
    """
    if params.early_stop is not None and 1 == length.epochs_from(settled) < length.epochs:
        raise OperatorError(
            f"it can look at the last epoch only: until step {settled} of {length.steps} the model "
            "hasn't its final form",
            at=("early_stop",),
            hint=f"{hint}, train for longer, or leave it out",
        )


def check_model(model: TorchModule) -> None:
    """Raise OperatorError when it is known that the model can't be trained as a classifier."""
    if model.precision not in ("fp32", UNKNOWN):
        raise OperatorError(f"the model's weights are {model.precision}: train those in fp32")


def check_fit(model: TorchModule, data: DataSamples, place: str, *, labels: bool = True) -> None:
    """Raise OperatorError at (place,) when it is known that the data can't be used.

    `labels` says whether samples without labels are refused.
    """
    if data.classes is None and labels:
        raise OperatorError(
            "this data has no labels to learn from",
            at=(place,),
            hint="name data with labels; a data source has a parameter that says where they are",
        )
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


def check_augment(params: TrainingParams, data: DataSamples) -> None:
    """Raise OperatorError at ("augment",) when there is no image that could be changed."""
    wanted = params.augment.is_affine or params.augment.flip
    if wanted and not isinstance(data.inputs, Unknown) and not any(map(is_image, data.inputs)):
        shapes = "; ".join(map(str, data.inputs))
        raise OperatorError(f"no input is an image [N, C, H, W]: {shapes}", at=("augment",))


def check_training(params: TrainingParams, inputs: Mapping[str, Facts]) -> None:
    """Do all of these checks for a model, data and validation data, by these input names.

    Raises OperatorError, and TypeError when `inputs` are of other kinds.
    """
    model, data = inputs["model"], inputs["data"]
    if not isinstance(model, TorchModule) or not isinstance(data, DataSamples):
        raise TypeError(f"can't train a {model.kind} on {data.kind}")
    check_params(params)
    for place in ("data", "validation"):
        if isinstance(facts := inputs.get(place), DataSamples):
            check_fit(model, facts, place)
    check_augment(params, data)
    check_model(model)


def classes_of(model: TorchModule) -> int | None:
    """Give the number of logits, None when it isn't known."""
    if isinstance(model.outputs, Unknown) or len(model.outputs) != 1:
        return None
    last = model.outputs[0].shape[-1] if model.outputs[0].shape else None
    return last if isinstance(last, int) else None


def length_of(params: TrainingParams, count: int) -> Length:
    """Give the length of a training over `count` samples."""
    return Length.of(params.epochs, params.steps, params.batch_size, count)


def passes(
    params: TrainingParams, count: int | Unknown, validated: int | Unknown = 0
) -> tuple[int, int] | None:
    """Count the samples that are trained on and those that are only evaluated, repeats counted.

    `count` is the number of training samples, `validated` that of validation samples. None when
    one isn't known.
    """
    if isinstance(count, Unknown) or isinstance(validated, Unknown):
        return None
    length = length_of(params, count)
    return length.samples(params.batch_size, count), length.epochs * validated


def work_of(params: TrainingParams, inputs: Mapping[str, Facts]) -> int | None:
    """Count multiply-adds: forward, and twice as many backward, for the gradients of weights
    and of activations; and forward over the validation data after each epoch."""
    model, data, validation = inputs["model"], inputs["data"], inputs.get("validation")
    if not isinstance(model, TorchModule) or isinstance(model.layers, Unknown):
        return None
    seen = passes(params, count_of(data), count_of(validation) if validation else 0)
    return None if seen is None else (3 * seen[0] + seen[1]) * model.layers.macs


def count_of(data: Facts) -> int | Unknown:
    """Give the number of samples."""
    return data.count if isinstance(data, DataSamples) else UNKNOWN


def learns_from(params: TrainingParams) -> dict[str, Learning]:
    """Say what is learned from: validation data that is only watched leaves nothing in the
    weights."""
    learns = {"data": Learning(how="trains")}
    if params.early_stop is not None:
        learns["validation"] = Learning(how="selects")
    return learns


def length_effects(params: TrainingParams, count: int | Unknown) -> Iterator[str]:
    """Say how long it trains, on how many samples."""
    size = params.batch_size
    if isinstance(count, Unknown):
        yield (
            f"{params.epochs} epochs of batches of {size}"
            if params.epochs
            else f"{params.steps} steps of {size}"
        )
        return
    length = length_of(params, count)
    most = "at most " if params.early_stop else ""
    steps = f"{length.steps} steps of {min(size, count)}"
    if params.epochs is not None:
        epochs = "1 epoch" if params.epochs == 1 else f"{params.epochs} epochs"
        yield f"{most}{epochs} × {count} samples = {steps}"
    else:
        passed = length.steps / length.per_epoch
        often = f"{passed:.2g}" if passed < 10 else f"{passed:.0f}"
        yield f"{most}{steps} = {often} passes over {count} samples"


def effects_of(params: TrainingParams, count: int | Unknown, loss: str) -> Iterator[str]:
    """Say how it trains, in sentences for a reviewer; `loss` names what is minimized."""
    yield from length_effects(params, count)
    rate = f"{params.optimizer.name}, lr {params.optimizer.lr:g}, {params.schedule.name}"
    yield f"{rate}; {loss}; {params.precision}"
    if params.early_stop:
        stop = params.early_stop
        yield f"stops after {stop.patience} epochs without better validation {stop.metric}"


def warnings_of(inputs: Mapping[str, Facts]) -> Iterator[str]:
    """Say what is odd, but may be meant."""
    model = inputs["model"]
    classes = getattr(inputs["data"], "classes", UNKNOWN)
    outputs = classes_of(model) if isinstance(model, TorchModule) else None
    if outputs is not None and isinstance(classes, int) and classes < outputs:
        yield f"the model has {outputs} outputs, the data {classes} classes"


def requires_of(params: TrainingParams) -> tuple[Requirement, ...]:
    """Give what the parameters need of the machine."""
    return (Requirement("cuda"),) if params.device == "cuda" else ()
