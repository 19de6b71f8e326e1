"""`package.folder`: the final model with all that its users need."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from recipec.api import (
    Artifact,
    DataRef,
    DataSamples,
    Facts,
    LocalFile,
    Model,
    Operator,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    Share,
    StagePlan,
    StageResult,
    Unknown,
)
from recipec.api.data import inputs_mismatch
from recipec_package.labels import read_labels
from recipec_package.licence import Licence
from recipec_package.package import Package
from recipec_package.runtimes import SNIPPETS

Label = Annotated[str, Field(min_length=1, pattern=r"^[^\n\r]+$")]


class BasedOn(Params):
    """The published model that this one was made from."""

    model: str = Field(
        min_length=1,
        pattern=r"^\S+$",
        description="What it is: `hub:owner/name` for a repository on the Hugging Face hub, "
        "`package:name/folder`, or an address.",
        examples=["hub:sentence-transformers/all-MiniLM-L6-v2"],
    )
    revision: str | None = Field(
        None, min_length=1, description="Which state of it: a commit, a tag or a version."
    )
    licence: Licence | None = Field(
        None, description="Under which licence it was published: an SPDX expression."
    )


class FolderParams(Params):
    """Parameters of `package.folder`."""

    title: str = Field(min_length=1, description="What the model is called, on its card.")
    description: str = Field(
        min_length=1, description="What it is for, and for whom: a few sentences, Markdown."
    )
    licence: Licence = Field(
        description="Under which licence the model is given on: an SPDX expression such as "
        "`Apache-2.0`.",
        examples=["Apache-2.0"],
    )
    data: DataRef = Field(
        description="Data whose preprocessing users must repeat, and whose first samples are the "
        "examples."
    )
    labels: Annotated[tuple[Label, ...], Field(min_length=1)] | LocalFile | None = Field(
        None,
        description="Names of the classes in the order of the model's outputs: a list, or a text "
        "file beside the recipe with one name a line (UTF-8). null: classes have numbers only.",
    )
    examples: int = Field(
        4, ge=1, le=1000, description="How many samples lie in the package with their outputs."
    )
    tolerance: Annotated[Share, Field(gt=0)] | None = Field(
        None,
        description="By how much outputs may differ on another machine, as a share of the range of "
        "the examples' outputs. Left out: 0.1 % of a float model, 5 % of a quantized one, whose "
        "roundings depend on the CPU.",
    )
    origin: str | None = Field(
        None, description="Where the recipe or more about the model is found: a name or an address."
    )
    based_on: BasedOn | None = Field(
        None,
        description="The published model that this one was made from, for the card and "
        "`package.json`; null for one that was trained from scratch.",
    )


class PackageFolder(Operator[FolderParams]):
    """Makes a folder to hand on: the model, a card, labels, examples, and a script that runs it.

    `usage.py` needs the model's runtime and NumPy, not recipec; it runs the examples and compares
    the outputs with those that were computed when the package was made.
    """

    id: ClassVar[str] = "package.folder"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = (
        "A folder with the model, its card, labels, examples and a usage script"
    )
    params = FolderParams
    inputs: ClassVar[Mapping[str, Port]] = {"model": Port(Model, "the model to hand on")}
    outputs: ClassVar[Mapping[str, Port]] = {"package": Port(Package, "the folder")}
    requires: ClassVar[tuple[Requirement, ...]] = (
        Requirement("python:recipec"),
        Requirement("python:numpy>=1.26", "pip install 'recipec[data]'"),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        model, data = inputs["model"], inputs["data"]
        assert isinstance(model, Model)
        assert isinstance(data, DataSamples)
        _check_kind(model)
        if reason := inputs_mismatch(model.inputs, data.inputs):
            raise OperatorError(reason, at=("data",))
        labels = read_labels(self.with_.labels, context.file)
        _check_labels(labels, model, data)
        made = Package(
            model=model.kind,
            inputs=model.inputs,
            outputs=model.outputs,
            licence=self.with_.licence,
            labels=None if labels is None else len(labels),
            files=package_files(model, labels is not None),
        )
        effects = [f"{', '.join(package_files(model, labels is not None))}"]
        if isinstance(data.preprocessing, Unknown):
            effects.append("how raw values become inputs isn't known: users must be told")
        return StagePlan(
            {"package": made}, tuple(effects), requires=model.session_requires, work=None
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_package._folder import make_package

        labels = read_labels(self.with_.labels, context.file)
        _check_labels(labels, inputs["model"].facts, inputs["data"].facts)
        return make_package(self.with_, labels, inputs, context)


def package_files(model: Model, labels: bool) -> tuple[str, ...]:
    """Name what lies at the top of a package."""
    names = [
        "README.md",
        "example_inputs.npz",
        "example_outputs.npz",
        f"model{model.suffix}",
        "package.json",
        "requirements.txt",
        "usage.py",
    ]
    return tuple(sorted([*names, "labels.txt"] if labels else names))


def _check_kind(model: Model) -> None:
    if model.kind not in SNIPPETS:
        raise OperatorError(
            f"a {model.kind} can't be packaged: its users would need more than its file",
            hint=f"convert it first; what can be: {', '.join(SNIPPETS)}",
        )


def _check_labels(labels: tuple[str, ...] | None, model: Model, data: DataSamples) -> None:
    """Raise OperatorError when there aren't as many labels as classes."""
    if labels is None:
        return
    shape = model.outputs[0].shape if isinstance(model.outputs, tuple) and model.outputs else ()
    if shape and len(shape) != 2:
        raise OperatorError(
            f"labels name the classes of outputs [N, classes], not of {list(shape)}", at=("labels",)
        )
    told = shape[-1] if shape else data.classes
    if isinstance(told, int) and told != len(labels):
        raise OperatorError(
            f"{len(labels)} labels for a model that tells {told} classes apart", at=("labels",)
        )
