"""Artifact kinds: what can be known about a model or data file before and after it is made.

An artifact is facts + a path + a digest, never a live object, so that any stage can be restarted,
reused, or run in another process. A kind is a class; an edge from stage to stage is legal when the
kind that is made is a subclass of the kind that is wanted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import Field

from recipec.api.capabilities import Requirement
from recipec.api.frozen import Frozen
from recipec.api.layers import LayerTable
from recipec.api.unknown import UNKNOWN, Unknown


class TensorSpec(Frozen):
    """A model's input or output, or one array of a data set, e.g. `x: [N, 1, 8, 8] float32`.

    A dimension is a number, or a name where it is free (`N`, the batch).
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: str = "float32"

    def __str__(self) -> str:
        return f"{self.name}: [{', '.join(map(str, self.shape))}] {self.dtype}"


class Facts(Frozen):
    """What is known of an artifact of this kind. Subclass it to offer a kind of your own.

    `kind` is the name in plans and records, `suffix` that of the file ("" for a folder). `unstable`
    is a regular expression of bytes that differ between two makings of the same file and mean
    nothing; the digest is taken without them. `plan_only` names the facts that only plans know, and
    that can't be read back from what is made: they are never compared with it.
    """

    kind: ClassVar[str]
    suffix: ClassVar[str] = ""
    unstable: ClassVar[bytes | None] = None
    plan_only: ClassVar[frozenset[str]] = frozenset()

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **self.model_dump(mode="json")}

    def comparable_json(self) -> dict[str, Any]:
        """Give what can be compared between plan and result: all but what only plans know."""
        return {"kind": self.kind, **self.model_dump(mode="json", exclude=set(self.plan_only))}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls.model_validate({name: value for name, value in data.items() if name != "kind"})

    def contradictions(self, made: "Facts") -> Iterator[str]:
        """Say where what was made differs from this plan; an UNKNOWN fact admits anything."""
        if type(made) is not type(self):
            yield f"planned {self.kind}, made {made.kind}"
            return
        for name in type(self).model_fields:
            if name not in self.plan_only:
                yield from _contradictions(name, getattr(self, name), getattr(made, name))


def _contradictions(where: str, planned: object, made: object) -> Iterator[str]:
    if planned is UNKNOWN:
        return
    if isinstance(planned, Frozen) and type(planned) is type(made):
        label = getattr(planned, "name", None)
        prefix = f"{where}[{label}]" if where and isinstance(label, str) else where
        for name in type(planned).model_fields:
            inner = f"{prefix}.{name}" if prefix else name
            yield from _contradictions(inner, getattr(planned, name), getattr(made, name))
    elif (
        isinstance(planned, tuple)
        and isinstance(made, tuple)
        and len(planned) == len(made)
        and any(isinstance(item, Frozen) for item in planned)
    ):
        for one, other in zip(planned, made, strict=True):
            yield from _contradictions(where, one, other)
    elif isinstance(planned, tuple) and isinstance(made, tuple) and len(planned) != len(made):
        yield f"{where}: planned {len(planned)} entries, made {len(made)}"
    elif planned != made:
        yield f"{where}: planned {planned!r}, made {made!r}"


Precision = Literal["fp32", "fp16", "bf16", "int8", "int4", "mixed"]


class Quantization(Frozen):
    """How a model is quantized.

    `target` is the runtime family whose kernels the scheme is for; `weights` and `activations`
    describe the schemes in words that the report shows ("int8 symmetric per channel").
    """

    target: Literal["cpu", "tensorrt"]
    weights: str
    activations: str


class Model(Facts):
    """Anything that can be measured: a model in some form.

    `session` is what runs a model of this kind: the import string of a function that is called with
    the artifact and a number of threads, and gives a `recipec.api.sessions.Session`; None where
    nothing does. `session_requires` is what the machine needs for it.
    """

    kind: ClassVar[str] = "model"
    session: ClassVar[str | None] = None
    session_requires: ClassVar[tuple[Requirement, ...]] = ()
    inputs: tuple[TensorSpec, ...] | Unknown = UNKNOWN
    outputs: tuple[TensorSpec, ...] | Unknown = UNKNOWN
    layers: LayerTable | Unknown = UNKNOWN
    precision: Precision | Unknown = UNKNOWN
    quantization: Quantization | Unknown | None = None


class TorchModel(Model):
    """A model that torch runs, in either of its forms."""

    kind: ClassVar[str] = "torch"
    session = "recipec.api.sessions._torch:TorchSession"
    session_requires = (Requirement("python:torch>=2.9", "pip install 'recipec[torch]'"),)


class Built(Frozen):
    """How a module was first built: an import string, as the recipe writes it, and arguments."""

    builder: str
    arguments: dict[str, Any]


class TorchModule(TorchModel):
    """A trainable torch module: a folder with builder + edits (`module.json`) and weights.

    `built` says in a plan how the module was first built, whatever became of it since. Only plans
    know it: of what is made, `module.json` tells.
    """

    kind: ClassVar[str] = "torch.module"
    plan_only = frozenset({"built"})
    built: Built | Unknown = UNKNOWN


class TorchExported(TorchModel):
    """An exported torch program (`.pt2`), e.g. after quantization."""

    kind: ClassVar[str] = "torch.exported"
    suffix: ClassVar[str] = ".pt2"


class OnnxModel(Model):
    """An ONNX file. `operators` counts its nodes by type."""

    kind: ClassVar[str] = "onnx.model"
    suffix: ClassVar[str] = ".onnx"
    session = "recipec.api.sessions._onnxruntime:OnnxSession"
    session_requires = (Requirement("python:onnxruntime>=1.20", "pip install 'recipec[measure]'"),)
    opset: int | Unknown = UNKNOWN
    operators: dict[str, int] | Unknown = UNKNOWN


class TensorRTEngine(Model):
    """A TensorRT engine. `compute_capabilities` are the GPUs it runs on ("8.9").

    TensorRT's compiler numbers its internal names (`__mye6918`) in the order in which its threads
    get to them, so two builds of one int8 network differ in these digits and in nothing else.
    """

    kind: ClassVar[str] = "tensorrt.engine"
    session = "recipec.api.sessions._tensorrt:EngineSession"
    suffix: ClassVar[str] = ".engine"
    unstable = rb"__mye\d+"
    runtime: Literal["tensorrt", "tensorrt-rtx"] | Unknown = UNKNOWN
    # Unknown first: any text is a version, also "unknown"
    runtime_version: Unknown | str = Field(default=UNKNOWN, union_mode="left_to_right")
    compute_capabilities: tuple[str, ...] | Unknown = UNKNOWN


class Preprocessing(Frozen):
    """How stored values become a model's input: (value / divisor − mean) / std, in float32.

    `mean` and `std` have one number, or one for each channel. `before` says in words what comes
    first ("resized to 224×224"), each step a sentence.
    """

    divisor: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    before: tuple[str, ...] = ()


class DataSamples(Facts):
    """Data: a reference to samples that a loader opens; never copied into the store.

    `inputs` describes one batch (`x: [N, 1, 8, 8] float32`); `classes` is the number of classes,
    None where the samples have no class labels; `split` is the role the data was made for;
    `preprocessing` is what users of a model have to do to their own values, too.
    """

    kind: ClassVar[str] = "data.samples"
    suffix: ClassVar[str] = ".json"
    count: int | Unknown = UNKNOWN
    inputs: tuple[TensorSpec, ...] | Unknown = UNKNOWN
    classes: int | Unknown | None = UNKNOWN
    split: str | None = None
    preprocessing: Preprocessing | Unknown = UNKNOWN


class Scores(Facts):
    """One number for each sample (1.0 right, 0.0 wrong), by metric: what paired tests need."""

    kind: ClassVar[str] = "measure.scores"
    suffix: ClassVar[str] = ".json"
    count: int | Unknown = UNKNOWN


F_co = TypeVar("F_co", bound=Facts, covariant=True)


class Artifact(NamedTuple, Generic[F_co]):
    """Facts made real: a file or folder whose content has this sha256 digest."""

    facts: F_co
    path: Path
    digest: str

    @property
    def size(self) -> int:
        """Bytes on disk."""
        if self.path.is_file():
            return self.path.stat().st_size
        return sum(
            f.stat().st_size
            for f in self.path.rglob("*")
            if f.is_file() and "__pycache__" not in f.parts
        )


BUILT_IN_KINDS: tuple[type[Facts], ...] = (
    TorchModule,
    TorchExported,
    OnnxModel,
    TensorRTEngine,
    DataSamples,
    Scores,
)
