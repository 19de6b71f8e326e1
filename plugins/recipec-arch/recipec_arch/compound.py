"""`arch.compound_scale`: depth, width and resolution grow together."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    Built,
    Facts,
    ImportString,
    LayerTable,
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
    TensorSpec,
    TorchModule,
    Unknown,
)
from recipec_arch.rounding import sharper

INSTALL = 'pip install "recipec[torch]"'
SCALED = "arguments and inputs scaled"


class CompoundParams(Params):
    """Parameters of `arch.compound_scale`."""

    phi: float = Field(
        ge=-10,
        le=10,
        description="The compound coefficient φ: about 2^φ times the multiply-adds. Below 0 the "
        "network shrinks. EfficientNet B1 to B4 are 0.5, 1, 2 and 3.5.",
    )
    alpha: float = Field(
        1.2, gt=0, le=4, description="Depth grows by alpha^φ. At 1 it stays as it is."
    )
    beta: float = Field(
        1.1, gt=0, le=4, description="Width grows by beta^φ. At 1 it stays as it is."
    )
    gamma: float = Field(
        1.15, gt=0, le=4, description="Resolution grows by gamma^φ. At 1 it stays as it is."
    )
    tolerance: Share = Field(
        0.1,
        description="How far alpha·beta²·gamma² may be from 2, as a share of 2. State a larger one "
        "to scale otherwise.",
    )
    depth_argument: str = Field(
        "depth",
        min_length=1,
        description="The builder's argument for the depth: a float is a multiplier, an integer (or "
        "a list of them) counts layers and is rounded up. Not needed where alpha is 1.",
    )
    depth_multiple: int = Field(
        1, ge=1, description="Counted layers are this × n + `depth_plus`, as 6n + 2 in a ResNet."
    )
    depth_plus: int = Field(0, ge=0, description="See `depth_multiple`.")
    width_argument: str = Field(
        "width",
        min_length=1,
        description="The builder's argument for the width: a float is a multiplier, an integer (or "
        "a list of them) counts channels and is rounded. Not needed where beta is 1.",
    )
    width_multiple: int = Field(
        8,
        ge=1,
        description="Counted channels are a multiple of this, and no less than 90 % of "
        "what was asked for.",
    )
    resolution_argument: str | None = Field(
        None,
        min_length=1,
        description="The builder's argument for the image's side, where it has one (`image_size`).",
    )
    resolution_multiple: int = Field(
        1, ge=1, description="The input's sides, in pixels, are a multiple of this."
    )


class CompoundScale(Operator[CompoundParams]):
    """Build the model again, deeper, wider and for larger images; its weights are new."""

    id = "arch.compound_scale"
    version = 1
    summary = "The model built again with depth α^φ, width β^φ, resolution γ^φ (EfficientNet's way)"
    params = CompoundParams
    inputs: ClassVar[Mapping[str, Port]] = {
        "model": Port(TorchModule, "the module to scale, as its builder makes it")
    }
    outputs: ClassVar[Mapping[str, Port]] = {"model": Port(TorchModule, "the scaled module")}
    requires = (
        Requirement("python:torch>=2.9", INSTALL),
        Requirement("python:torch-pruning>=1.6", INSTALL),
        Requirement("python:safetensors>=0.4", INSTALL),
    )

    def plan(self, inputs: Mapping[str, Facts], context: PlanContext) -> StagePlan:
        """Build both modules once, without memory where that can be, and read their facts."""
        model = inputs["model"]
        assert isinstance(model, TorchModule)
        self.check_balance()
        if any(context.missing(requirement) for requirement in self.requires):
            return StagePlan({"model": TorchModule()}, changed={SCALED: UNKNOWN})
        if isinstance(model.built, Unknown) or isinstance(model.inputs, Unknown):
            raise OperatorError(
                "which builder makes this model isn't known here",
                hint="scale a model that comes from `torch.model`, before other stages change it",
            )
        found = context.inspect(
            "recipec_arch._compound:inspect_scaled",
            {
                "builder": model.built.builder,
                "arguments": model.built.arguments,
                "scaling": self.with_.model_dump(mode="json"),
                "inputs": [spec.model_dump(mode="json") for spec in model.inputs],
            },
            code=ImportString(model.built.builder),
            packages=("torch", "torch-pruning"),
        )
        before, after = (TorchModule.from_json(found[name]) for name in ("before", "after"))
        _check_unchanged(before.layers, model.layers)
        built = Built(builder=model.built.builder, arguments=found["arguments"])
        return StagePlan(
            {"model": after.model_copy(update={"built": built})},
            effects=(
                *found["said"],
                *_work(before.layers, after.layers, self.product**self.with_.phi),
                "weights are new, drawn from the seed: what was trained before is gone",
            ),
            changed={SCALED: len(found["said"])},
        )

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        """Build the scaled module for real, and save it."""
        from recipec_arch._compound import rebuild

        return rebuild(self, inputs["model"], context)

    @property
    def product(self) -> float:
        """α·β²·γ²: by how much the multiply-adds grow for φ = 1."""
        return self.with_.alpha * self.with_.beta**2 * self.with_.gamma**2

    def check_balance(self) -> None:
        """Raise OperatorError unless α·β²·γ² ≈ 2 (Tan and Le, arXiv:1905.11946, equation 3)."""
        tolerance = self.with_.tolerance
        if abs(self.product / 2 - 1) > tolerance:
            raise OperatorError(
                f"alpha·beta²·gamma² is {self.product:.3g}, and not 2 within {tolerance:.0%}: the "
                "multiply-adds would not double with each step of φ",
                at=("tolerance",) if "tolerance" in self.with_.model_fields_set else (),
                hint="the paper has alpha 1.2, beta 1.1, gamma 1.15; with gamma 1, alpha 1.4 and "
                "beta 1.2 do; or state a larger `tolerance`",
            )

    def scaled_inputs(self, inputs: tuple[TensorSpec, ...]) -> tuple[TensorSpec, ...]:
        """Give the inputs at the new resolution: the last two dimensions of images, `[N, C, H, W]`.

        Raises OperatorError at ("gamma",) when there are none.
        """
        factor, multiple = self.with_.gamma**self.with_.phi, self.with_.resolution_multiple
        if factor == 1:
            return inputs
        if not any(len(spec.shape) >= 4 for spec in inputs):
            raise OperatorError(
                f"the model takes no images that could grow, but {', '.join(map(str, inputs))}",
                at=("gamma",),
                hint="with `gamma: 1`, `alpha: 1.4` and `beta: 1.2` still make 2",
            )
        return tuple(_resized(spec, factor, multiple) for spec in inputs)


def _resized(spec: TensorSpec, factor: float, multiple: int) -> TensorSpec:
    if len(spec.shape) < 4:
        return spec
    sides = (
        side if isinstance(side, str) else sharper(side, factor, multiple)
        for side in spec.shape[-2:]
    )
    return spec.model_copy(update={"shape": (*spec.shape[:-2], *sides)})


def _check_unchanged(built: LayerTable | Unknown, model: LayerTable | Unknown) -> None:
    """Raise OperatorError when a model isn't as its builder makes it."""
    if isinstance(built, Unknown) or isinstance(model, Unknown):
        return
    one, other = ({layer.name: layer for layer in t.without_zeros().layers} for t in (built, model))
    for name in dict.fromkeys((*one, *other)):
        mine, theirs = one.get(name), other.get(name)
        if mine is None or theirs is None or _shapes(mine) != _shapes(theirs):
            raise OperatorError(
                f"the model was changed since it was built ({name} isn't as the builder makes it), "
                "and scaling builds it again",
                hint="put `arch.compound_scale` before the stages that prune or replace layers",
            )


def _shapes(layer: Any) -> list[tuple[str, tuple[int, ...], str]]:
    return [(tensor.name, tensor.shape, tensor.dtype) for tensor in layer.tensors]


def _work(
    before: LayerTable | Unknown, after: LayerTable | Unknown, expected: float
) -> Iterator[str]:
    if isinstance(before, Unknown) or isinstance(after, Unknown) or not before.macs:
        return
    yield (
        f"{before.macs:,} multiply-adds become {after.macs:,}: {after.macs / before.macs:.3g}×, "
        f"(α·β²·γ²)^φ = {expected:.3g}; {before.parameters:,} parameters become "
        f"{after.parameters:,}"
    )
