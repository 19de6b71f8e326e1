"""`torch.model`: a module from a builder, with its arguments and, if there are any, weights."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from recipec.api import (
    Artifact,
    Built,
    DataSamples,
    Facts,
    ImportString,
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

INSTALL = 'pip install "recipec[torch]"'
WRITE_IT = "write it, as in `input: {x: {shape: [N, 1, 8, 8]}}`"


class InputParams(Params):
    """One input of the module."""

    shape: tuple[Annotated[int, Field(gt=0)] | Literal["N"], ...] = Field(
        min_length=1, description="Its dimensions; N is the batch.", examples=[["N", 1, 8, 8]]
    )
    dtype: str = Field("float32", description="Its element type, named as in torch.")


class TorchModelParams(Params):
    """What makes a module."""

    builder: ImportString = Field(
        description="The function or class that makes the module: `package.module:name`, or "
        "`file.py:name` with a file beside the recipe.",
        examples=["torchvision.models:resnet18", "model.py:Net"],
    )
    args: dict[str, Any] = Field(
        default_factory=dict, description="Keyword arguments of the builder."
    )
    weights: LocalFile | None = Field(
        None,
        description="Weights to load, strictly: a safetensors file, or a .pt/.pth file that holds "
        "a state dict. Left out, the builder's own weights stay, drawn from the recipe's seed.",
    )
    input: dict[str, InputParams] | None = Field(
        None,
        min_length=1,
        description="The module's positional inputs, by name and in their order. Left out, they "
        "are those of the first data that the recipe's stages name.",
        examples=[{"x": {"shape": ["N", 1, 8, 8]}}],
    )


class TorchModel(ModelSource[TorchModelParams]):
    """A torch module from any builder; its weights, if given, must fit to the last name."""

    id = "torch.model"
    version = 1
    summary = "A torch module from a builder, with weights from a file or as it makes them"
    params = TorchModelParams
    inputs: ClassVar[Mapping[str, Port]] = {
        "example": Port(DataSamples, "data whose shapes the inputs have", optional=True)
    }
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the module")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )

    @property
    def needs_example(self) -> bool:
        return self.with_.input is None

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Build the module once (without memory where it can) and read its facts."""
        specs = self._specs(inputs.get("example"))
        weights = self.with_.weights
        if any(context.missing(requirement) for requirement in self.requires):
            return StagePlan({"model": TorchModule(inputs=specs)})
        try:
            facts = context.inspect(
                "recipec_torch._inspect:facts",
                {
                    "builder": str(self.with_.builder),
                    "arguments": self.with_.args,
                    "inputs": [spec.model_dump(mode="json") for spec in specs],
                    "weights": None if weights is None else str(context.file(weights)),
                },
                code=self.with_.builder,
                files=() if weights is None else (weights,),
                packages=("torch", "torch-pruning"),
            )
        except OperatorError as problem:
            at = problem.at or ("builder",)
            if at == ("input",) and self.with_.input is None:  # the inputs are those of the data
                at = ("args",) if self.with_.args else ("builder",)
                told = "; ".join(map(str, specs))
                hint = problem.hint or f"its inputs are those of the data: {told}; or {WRITE_IT}"
                raise OperatorError(problem.message, at=at, hint=hint) from problem
            raise OperatorError(problem.message, at=at, hint=problem.hint) from problem
        origin = f"from {weights}" if weights else "as the builder makes them, drawn from the seed"
        built = Built(builder=str(self.with_.builder), arguments=self.with_.args)
        model = TorchModule.from_json(facts).model_copy(update={"built": built})
        return StagePlan({"model": model}, effects=(f"weights {origin}",))

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Build the module for real, load its weights, and save it."""
        from recipec_torch._build import build

        example = inputs.get("example")
        specs = self._specs(None if example is None else example.facts)
        return StageResult({"model": build(self.with_, specs, context)})

    def _specs(self, example: Facts | None) -> tuple[TensorSpec, ...]:
        if self.with_.input is not None:
            return tuple(
                TensorSpec(name=name, shape=one.shape, dtype=one.dtype)
                for name, one in self.with_.input.items()
            )
        if not isinstance(example, DataSamples):
            raise OperatorError(
                "the module's input isn't known", hint=f"{WRITE_IT}; or let a stage name some data"
            )
        if isinstance(example.inputs, Unknown):
            raise OperatorError(
                "the module's input isn't known, and nor are the shapes of the data", hint=WRITE_IT
            )
        return example.inputs
