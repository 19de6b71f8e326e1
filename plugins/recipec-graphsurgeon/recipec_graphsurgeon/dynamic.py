"""`graphsurgeon.dynamic`: free, fixed and renamed dimensions of inputs and outputs."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from recipec.api import (
    UNKNOWN,
    Artifact,
    OnnxModel,
    OperatorError,
    RunContext,
    StageResult,
    TensorSpec,
    Unknown,
)
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams
from recipec_graphsurgeon.tensors import find, near

Size = (
    Annotated[int, Field(ge=1)] | Annotated[str, Field(pattern=r"^(\?|[A-Za-z_][A-Za-z0-9_.-]*)$")]
)


class DynamicParams(SurgeryParams):
    """Parameters of `graphsurgeon.dynamic`."""

    shapes: dict[str, tuple[Size, ...]] = Field(
        {},
        description="Whole new shapes of inputs and outputs, by name: a name where the size is "
        "free, a number where it's fixed.",
        examples=[{"x": ["N", 1, 8, 8], "logits": ["N", 10]}],
    )
    dimensions: dict[str, Size] = Field(
        {},
        description="New names or fixed sizes of dimensions that are free, by name, in all inputs "
        "and outputs.",
        examples=[{"N": 8}, {"batch_size": "N"}],
    )


class Dynamic(Surgery[DynamicParams]):
    """Makes fixed dimensions free, fixes free ones, and renames them.

    Where a Reshape has the old batch written into its shape, the batch is taken from its input
    instead. The model is run at two sizes of each dimension that became free: samples in a larger
    batch must give what they gave before.
    """

    id = "graphsurgeon.dynamic"
    version = 1
    summary = "Make dimensions of an ONNX model's inputs and outputs free, fix or rename them"
    params = DynamicParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        if not self.with_.shapes and not self.with_.dimensions:
            raise OperatorError("say what becomes free or fixed: `shapes`, `dimensions` or both")
        if not isinstance(model.inputs, tuple) or not isinstance(model.outputs, tuple):
            made = model.model_copy(
                update={"inputs": UNKNOWN, "outputs": UNKNOWN, "layers": UNKNOWN}
            )
            return Foreseen(made, {"dimensions changed": UNKNOWN})
        inputs, outputs = self.reshaped(model.inputs, model.outputs)
        before, after = (*model.inputs, *model.outputs), (*inputs, *outputs)
        made = model.model_copy(update={"inputs": inputs, "outputs": outputs})
        if not only_batches(model.inputs, inputs):
            made = made.model_copy(update={"layers": UNKNOWN})
        count = sum(1 for _ in changes(before, after))
        rewritten: int | Unknown = UNKNOWN if any(_freed(before, after)) else 0
        effects = tuple(
            f"{old} becomes {new}" for old, new in zip(before, after, strict=True) if old != new
        )
        return Foreseen(
            made, {"dimensions changed": count, "reshapes rewritten": rewritten}, effects
        )

    def reshaped(
        self, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]
    ) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
        """Give inputs and outputs with their new shapes. Raises OperatorError."""
        specs = (*inputs, *outputs)
        free = list(dict.fromkeys(d for s in specs for d in s.shape if isinstance(d, str)))
        for name in self.with_.dimensions:
            if name not in free:
                raise OperatorError(
                    f"no input or output has a free dimension {name!r}",
                    at=("dimensions", name),
                    hint=near(name, free, "free dimensions"),
                )
        for name, shape in self.with_.shapes.items():
            at = ("shapes", name)
            spec = find(specs, name, "input or output", at)
            if len(shape) != len(spec.shape):
                raise OperatorError(
                    f"{spec} has {len(spec.shape)} dimensions, and the new shape {len(shape)}",
                    at=at,
                )
            for axis, (old, new) in enumerate(zip(spec.shape, shape, strict=True)):
                if isinstance(old, int) and isinstance(new, int) and old != new:
                    raise OperatorError(
                        f"dimension {axis} of {spec} is {old}, and can't be {new} instead",
                        at=(*at, axis),
                        hint="make it free, with a name; a further stage can fix it",
                    )
        made = tuple(s.model_copy(update={"shape": self._shape(s)}) for s in specs)
        return made[: len(inputs)], made[len(inputs) :]

    def _shape(self, spec: TensorSpec) -> tuple[int | str, ...]:
        if spec.name in self.with_.shapes:
            return self.with_.shapes[spec.name]
        named = self.with_.dimensions
        return tuple(named.get(dim, dim) if isinstance(dim, str) else dim for dim in spec.shape)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._dynamic import dynamic

        return dynamic(self, inputs, context)


def changes(
    before: tuple[TensorSpec, ...], after: tuple[TensorSpec, ...]
) -> Iterator[tuple[TensorSpec, int, int | str, int | str]]:
    """Give every dimension that changes: its tensor, axis, and what it was and becomes."""
    for old, new in zip(before, after, strict=True):
        for axis, (was, becomes) in enumerate(zip(old.shape, new.shape, strict=True)):
            if was != becomes:
                yield new, axis, was, becomes


def _freed(before: tuple[TensorSpec, ...], after: tuple[TensorSpec, ...]) -> Iterator[str]:
    for _, _, was, becomes in changes(before, after):
        if isinstance(was, int) and isinstance(becomes, str):
            yield becomes


def only_batches(before: tuple[TensorSpec, ...], after: tuple[TensorSpec, ...]) -> bool:
    """Say whether nothing but batches became others, so that one sample is computed as before.

    A batch is the first dimension of every input, free or of one size, before and after.
    """
    if any(axis for _, axis, _, _ in changes(before, after)):
        return False
    return all(
        len({isinstance(spec.shape[0], int) for spec in specs if spec.shape}) <= 1
        and len({spec.shape[0] for spec in specs if spec.shape}) <= 1
        for specs in (before, after)
    )
