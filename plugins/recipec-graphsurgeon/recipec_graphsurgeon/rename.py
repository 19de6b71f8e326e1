"""`graphsurgeon.rename`: other names for a model's inputs and outputs."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from recipec.api import Artifact, OnnxModel, OperatorError, RunContext, StageResult, TensorSpec
from recipec_graphsurgeon.surgery import Foreseen, Surgery, SurgeryParams
from recipec_graphsurgeon.tensors import find, known

Name = Annotated[str, Field(min_length=1)]


class RenameParams(SurgeryParams):
    """Parameters of `graphsurgeon.rename`."""

    inputs: dict[Name, Name] = Field(
        {}, description="New names of inputs, by the old ones.", examples=[{"x": "image"}]
    )
    outputs: dict[Name, Name] = Field(
        {}, description="New names of outputs, by the old ones.", examples=[{"output_0": "logits"}]
    )

    @property
    def new_names(self) -> dict[str, str]:
        """All new names, by the old ones."""
        return {**self.inputs, **self.outputs}


class Rename(Surgery[RenameParams]):
    """Renames inputs and outputs, also where bodies of If, Loop and Scan use them.

    All names change at once, so two can be swapped. Nothing else changes: the bytes of weights and
    the nodes stay as they are.
    """

    id = "graphsurgeon.rename"
    version = 1
    summary = "Rename inputs and outputs of an ONNX model"
    params = RenameParams

    def foresee(self, model: OnnxModel) -> Foreseen:
        if not self.with_.new_names:
            raise OperatorError("say what to rename: `inputs`, `outputs` or both")
        inputs, outputs = known(model.inputs), known(model.outputs)
        if inputs or outputs:
            self._check(inputs, outputs)
        renamed = {old: new for old, new in self.with_.new_names.items() if old != new}
        made = model.model_copy(
            update={"inputs": self._renamed(model.inputs), "outputs": self._renamed(model.outputs)}
        )
        effects = tuple(f"{old} becomes {new}" for old, new in renamed.items())
        return Foreseen(made, {"tensors renamed": len(renamed)}, effects)

    def _renamed(self, specs: Any) -> Any:
        if not isinstance(specs, tuple):
            return specs
        new = self.with_.new_names
        return tuple(s.model_copy(update={"name": new.get(s.name, s.name)}) for s in specs)

    def _check(self, inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...]) -> None:
        """Raise OperatorError on names that aren't there, and on one name for two tensors."""
        both = {spec.name for spec in inputs} & {spec.name for spec in outputs}
        for where, old in self._places():
            find(inputs if where == "inputs" else outputs, old, where[:-1], (where, old))
            if old in both:
                raise OperatorError(
                    f"{old!r} is an input and an output at once, which can have one name only",
                    at=(where, old),
                    hint="put an Identity between the two first",
                )
        new = self.with_.new_names
        taken: set[str] = set()
        kept = [s.name for s in (*inputs, *outputs) if s.name not in new]
        taken.update(kept)
        for where, old in self._places():
            if new[old] in taken:
                raise OperatorError(f"{new[old]!r} is the name of another one", at=(where, old))
            taken.add(new[old])

    def _places(self) -> Iterator[tuple[Literal["inputs", "outputs"], str]]:
        yield from (("inputs", old) for old in self.with_.inputs)
        yield from (("outputs", old) for old in self.with_.outputs)

    def run(self, inputs: Mapping[str, Artifact[Any]], context: RunContext) -> StageResult:
        from recipec_graphsurgeon._rename import rename

        return rename(self.with_, inputs, context)
